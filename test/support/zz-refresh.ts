import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { openCache } from '../../electron/cache/cache'
import { Unindexed } from '../../electron/cache/unindexed'
import { silentLog } from '../../electron/log'
import { Browse } from '../../electron/browse/browse'
import { FakeRegistry } from '../electron/browse/fake-registry'
import { registry } from '../electron/browse/setting'
import { fillLargeCache, repositoryName } from './large-cache'
const add = Unindexed.prototype.add
async function refresh(cacheAdd: boolean): Promise<number[]> {
  Unindexed.prototype.add = cacheAdd ? add : () => undefined
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const cache = openCache(folder, silentLog)
  const fake = new FakeRegistry()
  for (let n = 0; n < 10000; n++) fake.tag(repositoryName(n), 'latest', 'sha256:x')
  const reg = { ...registry, publicRole: { namespace: '' } }
  const browse = new Browse({ cache, registries: { client: () => fake, get: () => reg, report: () => undefined }, emit: (_n, p) => { structuredClone(p) }, log: silentLog })
  const out: number[] = []
  for (let n = 0; n < 3; n++) {
    const s = process.cpuUsage().user
    browse.catalogs.read({ registryId: 'r', section: 'public', refresh: 'force' })
    while (browse.catalogs.read({ registryId: 'none', section: 'private', refresh: 'never' }).refreshing || (browse.catalogs as unknown as { refreshes: { isRunning(k: string): boolean } }).refreshes.isRunning('r')) await wait(2)
    out.push((process.cpuUsage().user - s) / 1000)
  }
  await browse.stop(); cache.close(); rmSync(folder, { recursive: true })
  return out
}
for (let n = 0; n < 3; n++) console.log('cpu ms of 3 refreshes of 10,000: without', (await refresh(false)).map(x => x.toFixed(0)).join(' '), 'with', (await refresh(true)).map(x => x.toFixed(0)).join(' '))
Unindexed.prototype.add = add
// stalls
const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
const cache = openCache(folder, silentLog)
fillLargeCache(cache, { registryId: 'r', repositories: 10000, tags: 100000, read: 2000 })
const five = cache.tags.begin('r', 'big/one'); cache.tags.addPage('r', 'big/one', five, Array.from({ length: 5000 }, (_, n) => `v${n}`), 1); cache.tags.end('r', 'big/one', five, true, 1)
const h = monitorEventLoopDelay({ resolution: 2 }); h.enable()
let longest = 0
const orig = (cache as unknown as { indexer: { work(n: number): boolean } }).indexer
const work = orig.work.bind(orig); orig.work = (n) => { const c = process.cpuUsage(); const r = work(n); const u = process.cpuUsage(c); longest = Math.max(longest, (u.user + u.system) / 1000); return r }
const s = performance.now(); let n = 0
while (performance.now() - s < 60000) { await wait(50); n++; if ((cache as unknown as { searcher: { parts: { unindexed: Unindexed } } }).searcher.parts.unindexed.isEmpty) break }
console.log('indexing', ((performance.now() - s) / 1000).toFixed(1), 's in the background; loop delay max', (h.max / 1e6).toFixed(0), 'p99', (h.percentile(99) / 1e6).toFixed(0), 'longest slice cpu', longest.toFixed(0))
h.reset()
const reg = { ...registry, publicRole: { namespace: '' } }
const t = (what: string, f: () => unknown): void => { for (let k = 0; k < 3; k++) { const a = performance.now(), c = process.cpuUsage(); f(); const u = process.cpuUsage(c); console.log(what, (performance.now() - a).toFixed(0), 'wall', ((u.user + u.system) / 1000).toFixed(0), 'cpu') } }
const fake = new FakeRegistry()
const browse = new Browse({ cache, registries: { client: () => fake, get: () => reg, report: () => undefined }, emit: () => undefined, log: silentLog })
t('catalog:read 10,000', () => structuredClone(browse.catalogs.read({ registryId: 'r', section: 'public', refresh: 'never' })))
t('repository:read 5,000', () => structuredClone(browse.repositories.read({ registryId: 'r', repository: 'big/one', refresh: 'never' })))
await browse.stop(); cache.close(); rmSync(folder, { recursive: true })
