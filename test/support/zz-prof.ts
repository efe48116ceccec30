import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCache } from '../../electron/cache/cache'
import { Database } from '../../electron/cache/database'
import { silentLog } from '../../electron/log'
import { fillLargeCache } from './large-cache'
const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
const sums = new Map<string, { n: number; ms: number }>()
for (const m of ['all', 'get', 'run'] as const) {
  const orig = Database.prototype[m] as (...a: unknown[]) => unknown
  ;(Database.prototype as unknown as Record<string, unknown>)[m] = function (this: unknown, ...a: unknown[]) {
    const s = performance.now(); try { return orig.apply(this, a) } finally { const k = String(a[0]).slice(0, 90).replace(/\s+/g, ' '); const e = sums.get(k) ?? { n: 0, ms: 0 }; e.n++; e.ms += performance.now() - s; sums.set(k, e) }
  }
}
const cache = openCache(folder, silentLog)
fillLargeCache(cache, { registryId: 'r', repositories: 10000, tags: 100000, read: 300 })
sums.clear()
const end = performance.now() + 20000
while (performance.now() < end && !cache.index(100));
for (const [k, e] of [...sums].sort((a, b) => b[1].ms - a[1].ms).slice(0, 10)) console.log(e.n, e.ms.toFixed(0), k)
cache.close(); rmSync(folder, { recursive: true })
