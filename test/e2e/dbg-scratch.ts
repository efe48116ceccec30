import { Journey } from './journey/journey'
import { addRegistry } from './journey/set-up'
import { goTo } from './journey/transfers'
import { startLab } from '../lab/lab'
const lab = await startLab({ bearerRegistry: {}, display: {} })
const j = new Journey({ display: lab.display, lang: 'en' })
try {
  await j.start({ size: { width: 1280, height: 800 } })
  const added = await addRegistry(j, lab.bearerRegistry, { name: 'T', tenant: '727524' })
  await goTo(j, 'private', added.id)
  await j.click('empty-sign-in')
  await j.see('no-keychain')
  await j.page.waitForTimeout(500)
  await j.page.evaluate('globalThis.__name = (f) => f')
  console.log(await j.page.evaluate(async () => {
    const el = document.querySelector('[data-testid="registry-username"]') as any
    const root = (document.querySelector('#app') as any)._vnode
    const log: string[] = []
    const find = (v: any, path: any[]): any[] | null => {
      if (!v || typeof v !== 'object') return null
      if (v.el === el && !v.component) return path
      const p = v.component ? [...path, v.component] : path
      if (v.component) { const r = find(v.component.subTree, p); if (r) return r }
      if (v.suspense) { const r = find(v.suspense.activeBranch, p); if (r) return r }
      if (Array.isArray(v.children)) for (const c of v.children) { const r = find(c, p); if (r) return r }
      return null
    }
    const show = (label: string) => { const path = find(root, []); log.push(label + ' ' + (path ? path.slice(-8).map((c: any) => (c.type.__name ?? c.type.name ?? '?') + '#' + c.uid + '=' + JSON.stringify(c.props.modelValue ?? c.props.value ?? null) + (c.vnode.props?.['onUpdate:modelValue'] ? 'U' : '')).join(' > ') : 'none')); return path }
    const path = show('before')
    const tf = path?.find((c: any) => c.type.__name === 'TextField')
    log.push(String(tf?.vnode.props['onUpdate:modelValue']))
    el.value = 'zz'
    el.dispatchEvent(new Event('input', { bubbles: true }))
    await new Promise((r) => setTimeout(r, 100))
    show('after')
    tf?.vnode.props['onUpdate:modelValue']('direct')
    await new Promise((r) => setTimeout(r, 100))
    show('direct')
    return log.join('\n')
  }))
} finally { await j.close(); await lab.stop() }
