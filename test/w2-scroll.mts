import { startRegistry } from '/work/next/test/lab/registry.ts'
import { seedMany } from '/work/next/test/lab/seed.ts'
import { startProgram } from '/work/next/test/lab/program.ts'
import { startDisplay } from '/work/next/test/lab/display.ts'
import { temporaryFolder } from '/work/next/test/lab/temporary.ts'
const display = await startDisplay({ width: 1280, height: 800 })
const own = await startRegistry({ name: 'own' })
const user = temporaryFolder('w2-user')
await seedMany(own.storage, 1, 5000)
const program = await startProgram({ display, userData: user.path, lang: 'en', size: { width: 1280, height: 800 } })
const page = program.window
try {
  const r: any = await page.evaluate((i) => (window as any).slipway.invoke('registry:add', i), { name: 'x', host: own.host, protocol: 'http', trust: { kind: 'system' }, preset: 'other', publicRole: { namespace: '' }, privateRole: null })
  const cat: any = await page.evaluate((i) => (window as any).slipway.invoke('catalog:read', i), { registryId: r.value.id, section: 'public', refresh: 'force' })
  await page.waitForTimeout(1500)
  const cat2: any = await page.evaluate((i) => (window as any).slipway.invoke('catalog:read', i), { registryId: r.value.id, section: 'public', refresh: 'never' })
  const name = cat2.value.repositories[0]?.name ?? cat.value.repositories[0].name
  console.log(name)
  await page.evaluate((h) => { location.hash = h }, `#/public/${r.value.id}/${encodeURIComponent(name)}`)
  await page.waitForSelector('[data-testid=tag-row]', { timeout: 60000 })
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m: any) => [m.name, m.value]))
  const scroll = () => page.evaluate(async () => {
    const grid = document.querySelector('[role=grid]') as HTMLElement
    const times: number[] = []
    let last = performance.now()
    for (let i = 0; i < 120; i++) {
      grid.scrollTop += 400
      await new Promise((d) => requestAnimationFrame(d))
      const now = performance.now(); times.push(now - last); last = now
    }
    times.sort((a, b) => a - b)
    return { median: times[60], p95: times[114], max: times[119], top: grid.scrollTop }
  })
  for (let k = 0; k < 3; k++) {
    await page.evaluate(() => { (document.querySelector('[role=grid]') as HTMLElement).scrollTop = 0 })
    await page.waitForTimeout(k === 0 ? 500 : 6000)
    const a = await metrics(); if (k === 2) { await cdp.send('Profiler.enable'); await cdp.send('Profiler.setSamplingInterval', { interval: 500 }); await cdp.send('Profiler.start') }; const t = await scroll(); const b = await metrics()
    if (k === 2) { const { profile }: any = await cdp.send('Profiler.stop'); (await import('node:fs')).writeFileSync('/tmp/w2.cpuprofile', JSON.stringify(profile)) }; console.log(JSON.stringify(t), 'per frame ms: script', (((b.ScriptDuration - a.ScriptDuration) * 1000) / 120).toFixed(2), 'layout', (((b.LayoutDuration - a.LayoutDuration) * 1000) / 120).toFixed(2), 'style', (((b.RecalcStyleDuration - a.RecalcStyleDuration) * 1000) / 120).toFixed(2), 'task', (((b.TaskDuration - a.TaskDuration) * 1000) / 120).toFixed(2))
  }
} finally { await program.close().catch(() => {}); await own.stop(); await display.stop(); user.remove() }
