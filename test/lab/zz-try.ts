import { readFileSync } from 'node:fs'
import { dial, hangUp } from '../../electron/engine/dial'
const j = JSON.parse(readFileSync('/tmp/ssh-exp.log','utf8').split('\n').find(l=>l.startsWith('{'))!)
const go = async (label: string, [host, configs]: [string, Record<string,string>], cfg: string, env?: NodeJS.ProcessEnv) => {
  const t = performance.now()
  try {
    const d = await dial({ endpoint: { id: 'x', source: 'context', label: 'x', host }, tls: null, explicit: true, present: true, problem: null, sshConfig: configs[cfg] })
    const v = await d.version(); const t1 = performance.now()
    for (let i = 0; i < 100; i++) await d.info(); const t2 = performance.now()
    console.log(label, v.Version, 'first', Math.round(t1 - t), '100 info', Math.round(t2 - t1))
    const t3 = performance.now(); await Promise.all(Array.from({length: 12}, () => d.info())); console.log('12 at once', Math.round(performance.now()-t3))
    const imgs = await d.listImages(); console.log(imgs.length)
    const c = await d.getEvents(); setTimeout(() => (c as any).destroy(), 200)
    hangUp(d)
  } catch (e: any) { console.log(label, e.code, JSON.stringify(e.context), (e.detail ?? e.stack).slice(0, 200)) }
}
await go('ok', j.s, 'right'); await go('unknown', j.s, 'unknownHost'); await go('changed', j.s, 'changedHost'); await go('key', j.s, 'wrongKey'); await go('dead', j.dead, 'right'); await go('podman', j.pd, 'right')
const p = process.env.PATH; process.env.PATH='/nonexistent'; await go('nossh', j.s, 'right'); process.env.PATH = p
await go('refused', ['ssh://root@127.0.0.1:1', { right: j.s[1].right }], 'right')
await go('noname', ['ssh://root@no.such.host.invalid', { right: j.s[1].right }], 'right')
await go('config', [j.s[0], { right: '/nonexistent' }], 'right')
