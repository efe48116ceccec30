import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../electron/cache/database'
import { migrations } from '../../electron/cache/schema'
import { CatalogTable } from '../../electron/cache/catalog-table'
import { Unindexed } from '../../electron/cache/unindexed'
import { CatalogTable as Old } from './zz-old-catalog'
import { silentLog } from '../../electron/log'
import { repositoryName } from './large-cache'
const names = Array.from({ length: 10000 }, (_, n) => repositoryName(n)).sort()
const best = { oldCold: [] as number[], newCold: [] as number[], oldWarm: [] as number[], newWarm: [] as number[] }
for (let k = 0; k < 15; k++) for (const kind of ['old', 'new'] as const) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const db = openDatabase({ file: join(folder, 'c.db'), migrations: kind === 'old' ? migrations.slice(0, 1) : migrations, log: silentLog })
  const t = kind === 'old' ? new Old(db) : new CatalogTable(db, new Unindexed(db))
  for (const lap of ['Cold', 'Warm'] as const) {
    const s = process.cpuUsage()
    const g = t.begin('r'); for (let n = 0; n < 10; n++) t.addPage('r', g, names.slice(n * 1000, n * 1000 + 1000), 1); t.end('r', g, true, 1)
    t.repositories('r', '')
    const u = process.cpuUsage(s); best[`${kind}${lap}`].push((u.user + u.system) / 1000)
  }
  db.close(); rmSync(folder, { recursive: true })
}
for (const [k, v] of Object.entries(best)) { v.sort((a, b) => a - b); console.log(k, 'min', v[0]!.toFixed(1), 'median', v[7]!.toFixed(1)) }
