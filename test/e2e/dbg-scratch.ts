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
  await j.page.evaluate(() => {
    const log: string[] = (globalThis as any).log = []
    const el = document.querySelector('[data-testid="registry-username"]') as any
    const proto = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!
    Object.defineProperty(el, 'value', { get() { return proto.get!.call(el) }, set(v) { log.push('set ' + JSON.stringify(v) + ' ' + (new Error().stack ?? '').split('\n').slice(2, 6).map((l) => l.trim().replace(/slipway:\/\/app\/assets\//, '')).join(' < ')); proto.set!.call(el, v) } })
    for (const type of ['keydown', 'beforeinput', 'input','change','focus','blur','select','paste','compositionstart']) document.addEventListener(type, (e) => log.push(type + ' ' + (e.target as any).tagName + ' ' + (e.target as any).getAttribute?.('data-testid') + ' ' + (e.target as any).value + ' ' + e.defaultPrevented), true)
  })
  await j.fill('registry-username', 'developer')
  await j.page.keyboard.type('a')
  console.log(await j.page.evaluate(() => (globalThis as any).log.join('\n') + '\n' + document.activeElement?.outerHTML.slice(0, 200) + document.hasFocus()))
  console.log(await j.at('registry-username').inputValue())
} finally { await j.close(); await lab.stop() }
