import { startRegistry } from '/work/next/test/lab/registry.ts'
import { seedPublic, seedTenant } from '/work/next/test/lab/seed.ts'
import { buildImage } from '/work/next/test/lab/oci-image.ts'
import { startProgram } from '/work/next/test/lab/program.ts'
import { startDisplay } from '/work/next/test/lab/display.ts'
import { temporaryFolder } from '/work/next/test/lab/temporary.ts'
const display = await startDisplay({ width: 1280, height: 800 })
const pub = await startRegistry({ name: 'public' })
const own = await startRegistry({ name: 'own' })
const closed = await startRegistry({ name: 'closed', delete: false })
const user = temporaryFolder('w2-user')
seedPublic(pub.storage); seedTenant(own.storage); seedTenant(closed.storage)
const ago = (d: number) => new Date(Date.now() - d * 86400000).toISOString()
const image = (seed: string, layers: string[], days: number, env: string[] = []) => buildImage({ seed, format: 'docker', created: ago(days), layers: layers.map((s) => ({ size: 4096, seed: s })), config: { Env: ['PATH=/bin', ...env], Labels: { 'com.example.team': `platform-${seed.split(':')[0]}`, 'org.opencontainers.image.title': 'Shop <b>bold</b>' }, ExposedPorts: { '8443/tcp': {} } } } as never)
own.storage.put('727524/jdk17_ownbase', image('jdk17:v1', ['os', 'jdk17-1'], 90, ['JAVA_HOME=/opt/jdk17']), 'v1')
own.storage.put('727524/jdk17_ownbase', image('jdk17:v2', ['os', 'jdk17-2'], 10, ['JAVA_HOME=/opt/jdk17']), 'v2', 'latest')
for (let i = 1; i <= 30; i++) own.storage.put(`727524/shop-${String(i).padStart(2, '0')}`, image(`shop-${i}:1`, ['os', i % 3 ? 'jdk17-1' : 'jdk17-2', `shop${i}`], i, ['JAVA_HOME=/opt/jdk17']), '1.0.0')
for (let i = 1; i <= 60; i++) own.storage.put('727524/nightly', image(`nightly:${i}`, ['os', `n${i}`], 61 - i), `0.${i}.0-dev`, ...(i === 60 ? ['latest'] : i === 20 ? ['release-1'] : []))
own.storage.put('727524/tiny', image('tiny:1', ['os', 't1'], 3), 'a', 'b')
let program = await startProgram({ display, userData: user.path, lang: 'en', size: { width: 1280, height: 800 } })
let page = program.window
page.setDefaultTimeout(8000)
const invoke = async (name: string, input: unknown) => page.evaluate(([n, i]) => (window as any).slipway.invoke(n, i), [name, input] as const)
const value = async (name: string, input: unknown) => { const r: any = await invoke(name, input); if (!r.ok) throw new Error(JSON.stringify(r.error)); return r.value }
const add = (name: string, host: string, p: string | null, t: string | null) => value('registry:add', { name, host, protocol: 'http', trust: { kind: 'system' }, preset: 'other', publicRole: p === null ? null : { namespace: p }, privateRole: t === null ? null : { namespace: t } })
await page.waitForTimeout(500)
const a = await add('Public images', pub.host, 'library', null)
const b = await add('Tenant images', own.host, null, '727524')
const c = await add('Closed images', closed.host, null, '727524')
let n = 0
export const shot = async (name: string) => { await page.waitForTimeout(350); await page.screenshot({ path: `/tmp/shots-w2/${String(++n).padStart(2, '0')}-${name}.png` }); console.log('shot', name) }
export const go = async (hash: string) => { await page.evaluate((h) => { location.hash = h }, hash); await page.waitForTimeout(700) }
const at = (id: string) => page.getByTestId(id)
const step = async (name: string, run: () => Promise<void>) => { try { await run() } catch (e) { console.log('FAILED', name, String(e).slice(0, 600)); await shot('failed-' + name) } }
export { page, at, step, invoke, value, a, b, c, pub, own, closed, program, user, display }
const restart = async (lang: 'en' | 'zh-CN', colorScheme: 'light' | 'dark') => {
  await program.close()
  program = await startProgram({ display, userData: user.path, lang, size: { width: 1100, height: 700 }, colorScheme })
  page = program.window; page.setDefaultTimeout(8000); await page.waitForTimeout(1200)
}
const id = b.id
const enc = encodeURIComponent
const repo = (name: string) => `#/private/${id}/${enc('727524/' + name)}`
try {
  const parts = (process.argv[2] ?? 'all').split(',')
  const on = (p: string) => parts.includes('all') || parts.includes(p)
  await step('seen', async () => {
    await go(`#/public/${a.id}`); await page.waitForTimeout(2500)
    await go(`#/private/${id}`); await page.waitForTimeout(3500)
    for (const r of ['jdk17_ownbase', 'nightly', 'shop-01', 'shop-02', 'shop-03']) { await go(repo(r)); await page.waitForTimeout(900) }
    await go(repo('shop-01') + '/1.0.0'); await page.waitForTimeout(900)
    await go(repo('shop-03') + '/1.0.0')
    await go(repo('jdk17_ownbase') + '/v1'); await page.waitForTimeout(900)
  })
  if (on('lineage')) await step('lineage', async () => {
    await shot('lineage-base')
    await go(repo('shop-01') + '/1.0.0'); await page.waitForTimeout(700); await shot('lineage-stale')
    await go(repo('shop-03') + '/1.0.0'); await page.waitForTimeout(700); await shot('lineage-newest')
  })
  if (on('pins')) await step('pins', async () => {
    await go(repo('nightly')); await at('pin').first().click()
    await go(repo('jdk17_ownbase') + '/v2'); await at('pin').first().click()
    await go(`#/private/${id}`); await page.waitForTimeout(800); await shot('catalog-chips')
    await page.keyboard.press('Control+k'); await page.waitForTimeout(400); await shot('palette-empty')
    for (const [text, name] of [['shop', 'repo'], ['jdk17', 'env'], ['platform', 'label'], ['8443', 'port'], ['sha256:', 'digest'], ['zzz', 'none']] as const) {
      await page.getByRole('combobox').first().fill(text); await shot('palette-' + name)
    }
    await page.keyboard.press('Escape')
    await go('#/search?q=jdk17'); await shot('search'); await page.keyboard.press('ArrowDown'); await page.keyboard.press('ArrowDown'); await shot('search-down')
    await go('#/search'); await shot('search-empty')
    await go('#/search?q=qqqqq'); await shot('search-none')
  })
  if (on('delete')) await step('delete', async () => {
    await go(repo('nightly')); await page.waitForTimeout(1500); await shot('repository')
    await at('cleanup-open').click(); await page.waitForTimeout(500); await shot('cleanup')
    await at('choice-stays').click(); await shot('cleanup-stays')
    await at('choice-goes').click()
    await at('cleanup-review').click(); await page.waitForTimeout(1500); await shot('cleanup-review')
    await at('delete-confirm').click(); await page.waitForTimeout(500); await shot('delete-started')
    await at('undo-delete').waitFor({ timeout: 60000 }); await shot('undo-toast')
    await go('#/transfers'); await page.waitForTimeout(500); await shot('transfer-undo')
    await go(repo('nightly')); await page.waitForTimeout(1000); await at('deleted-tags-open').click(); await shot('deleted-tags')
    await page.locator('[data-testid^="restore-0"]').first().click(); await page.waitForTimeout(2500); await shot('restored-one')
  })
  if (on('tiny')) await step('tiny', async () => {
    await go(repo('tiny')); await page.waitForTimeout(800)
    await page.getByRole('grid').focus(); await page.keyboard.press('Control+a'); await shot('bulk')
    await at('delete-selected').click(); await page.waitForTimeout(1200); await shot('everything')
    await at('delete-type-name').locator('input').fill('727524/tiny'); await at('delete-confirm').click()
    await at('undo-delete').waitFor({ timeout: 30000 }); await page.waitForTimeout(800); await shot('everything-gone')
    await at('undo-delete').click(); await page.waitForTimeout(2500); await shot('everything-back')
  })
  if (on('closed')) await step('closed', async () => {
    await go(`#/private/${c.id}/${enc('727524/iuap-web')}`); await page.waitForTimeout(1000)
    await page.getByRole('grid').focus(); await page.keyboard.press('Home'); await page.keyboard.press('Space'); await page.keyboard.press('ArrowDown'); await page.keyboard.press('Space')
    await at('delete-selected').click(); await page.waitForTimeout(1200); await at('delete-confirm').click(); await page.waitForTimeout(2500); await shot('closed-toast')
    await at('delete-selected').click(); await page.waitForTimeout(1000); await shot('closed-dialog'); await page.keyboard.press('Escape')
    await go('#/transfers'); await shot('closed-transfer')
  })
  if (on('zh')) await step('zh', async () => {
    await restart('zh-CN', 'dark')
    await go(repo('jdk17_ownbase') + '/v1'); await page.waitForTimeout(500); await shot('zh-lineage')
    await go(`#/private/${id}`); await page.waitForTimeout(800); await shot('zh-catalog')
    await page.keyboard.press('Control+k'); await page.waitForTimeout(400); await shot('zh-palette-empty')
    await page.getByRole('combobox').first().fill('jdk17'); await shot('zh-palette')
    await page.keyboard.press('Escape')
    await go('#/search?q=shop'); await shot('zh-search')
    await go(repo('nightly')); await page.waitForTimeout(1000); await at('deleted-tags-open').click(); await shot('zh-deleted')
    await at('cleanup-open').click(); await page.waitForTimeout(500); await shot('zh-cleanup')
    await at('cleanup-newest').locator('input').fill('1'); await at('cleanup-days').locator('input').fill('3'); await page.keyboard.press('Tab')
    await at('cleanup-review').click(); await page.waitForTimeout(1500); await shot('zh-review')
    await page.keyboard.press('Escape'); await go('#/transfers'); await shot('zh-transfers')
  })
} finally {
  console.log(program.output().slice(-1500))
  await program.close().catch((e: unknown) => console.log(String(e)))
  await Promise.all([pub.stop(), own.stop(), closed.stop()]); await display.stop(); user.remove()
}
