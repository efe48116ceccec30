import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { spawnSync } from 'node:child_process'
import { startRegistry } from './lab/registry'
import { temporaryFolder } from './lab/temporary'
import { writeLargeArchive } from './bench/archive'
import { draftOf, openServices } from './bench/services'
import { settle } from './bench/settle'
const which = process.argv[2] ?? 'archive'
const seed = 'k' + Date.now()
const folder = temporaryFolder('kpush')
const a = writeLargeArchive(folder.join('a.tar'), seed, 'first'), b = writeLargeArchive(folder.join('b.tar'), seed, 'second')
const session = new Session(); session.connect()
async function profiled(name: string, work: () => Promise<unknown>) {
  await settle(); await session.post('Profiler.enable'); await session.post('Profiler.start')
  const c = process.cpuUsage(), t = performance.now(); await work(); const wall = performance.now() - t, u = process.cpuUsage(c)
  writeFileSync(`/tmp/k-${name}.cpuprofile`, JSON.stringify((await session.post('Profiler.stop')).profile))
  console.log(name, 'wall', wall.toFixed(0), 'user', (u.user / 1000).toFixed(0), 'sys', (u.system / 1000).toFixed(0))
}
function skopeo(name: string, from: string, to: string) { const t = performance.now(); const r = spawnSync('bash', ['-c', `TIMEFORMAT='%U user %S sys'; time skopeo copy --quiet --insecure-policy ${from.startsWith('docker://') ? '--src-tls-verify=false' : ''} --dest-tls-verify=false ${from} ${to}`], { encoding: 'utf8' }); console.log(name, 'wall', (performance.now() - t).toFixed(0), r.stderr.trim()) }
const r1 = await startRegistry({ name: 'r1' }), r2 = await startRegistry({ name: 'r2' }), r3 = await startRegistry({ name: 'r3' })
const { services, run, close } = openServices(); services.start()
const one = await services.registries.add(draftOf(r1.host)), two = await services.registries.add(draftOf(r2.host))
const push = (x: typeof a, tag: string) => run({ kind: 'archive-push', path: x.path, image: 0, digest: x.digest, source: 'x', registryId: one.id, repository: 'k/a', tag, replaces: null })
await profiled('first', () => push(a, '1')); skopeo('skopeo first', `docker-archive:${a.path}`, `docker://${r3.host}/k/a:1`)
await profiled('again', () => push(b, '2')); skopeo('skopeo again', `docker-archive:${b.path}`, `docker://${r3.host}/k/a:2`)
const { digest } = await services.registries.client(one.id).headManifest('k/a', '1')
await profiled('copy', () => run({ kind: 'copy', from: { registryId: one.id, repository: 'k/a', reference: '1' }, digest, registryId: two.id, repository: 'k/c', tag: '1', replaces: null, removeSource: false }))
await r3.stop(); const r4 = await startRegistry({ name: 'r4' })
skopeo('skopeo copy', `docker://${r1.host}/k/a:1`, `docker://${r4.host}/k/c:1`)
await close(); await Promise.all([r1.stop(), r2.stop(), r4.stop()]); folder.remove()
