import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openCache } from '/work/next/electron/cache/cache'
import { silentLog } from '/work/next/electron/log'
import { fillLargeCache } from '/work/next/test/support/large-cache'
const read = Number(process.argv[2] ?? 100000)
const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
let t = performance.now()
const lap = (what: string): void => { console.log(what.padEnd(40), (performance.now() - t).toFixed(0), 'ms'); t = performance.now() }
let cache = openCache(folder, silentLog)
lap('open empty')
fillLargeCache(cache, { registryId: 'r', repositories: 10000, tags: 100000, read })
lap('fill')
const h = monitorEventLoopDelay({ resolution: 1 }); 
let worst = 0
const durs: number[] = []
for (;;) { const s = performance.now(); const done = cache.index(6); durs.push(performance.now() - s); if (done) break }
durs.sort((a,b)=>a-b)
lap(`index (${durs.length} slices, worst ${durs.at(-1)!.toFixed(1)}, p99 ${durs[Math.floor(durs.length*.99)]!.toFixed(1)})`)
cache.close()
lap('close')
console.log('file MB', statSync(join(folder, 'cache.db')).size / 1e6)
t = performance.now()
cache = openCache(folder, silentLog)
lap('open')
const typed = ['order-ledger-00421', 'ns07/web', 'latest', 'build-00', '1.2', '3.4.5', 'java_version=8u12', '8080', 'team-12@', 'api job', 'stock:late', 'path=/usr', 'nothing here', 'sha256:abcdef', '80/tcp', 'mail-search-09999', 'org.opencontainers', 'app_id=4242', 'e', 'b', '-', '0', 'tcp','" OR "', '%_%','zzzzqq', 'ns12 gate', 'report-api:build-0']
const times: { q: string; ms: number; n: number }[] = []
for (let round = 0; round < 3; round++) for (const text of typed) for (let n = 1; n <= text.length; n++) {
  const q = text.slice(0, n); const c = process.cpuUsage(); const s = performance.now(); const found = cache.search(q, 50, ['r']); const w = performance.now() - s; const u = process.cpuUsage(c); times.push({ q, ms: process.env.CPU ? (u.user + u.system) / 1000 : w, n: found.length })
}
times.sort((a, b) => a.ms - b.ms)
const at = (p: number) => times[Math.min(times.length - 1, Math.floor(times.length * p))]!
console.log('strokes', times.length, 'p50', at(.5).ms.toFixed(2), 'p95', at(.95).ms.toFixed(2), 'p99', at(.99).ms.toFixed(2), 'max', at(1).ms.toFixed(2))
console.log(times.slice(-25).map(x => `${JSON.stringify(x.q)} ${x.ms.toFixed(1)} (${x.n})`).join('\n'))
t = performance.now()
if (process.argv[3]) { cache.prune(); lap('prune') }
cache.close()
rmSync(folder, { recursive: true })
