/**
 * The demo: the tour on real parts, a screenshot of every step, and `out/demo/report.json`. Ends with 1 when a step failed.
 * With a display of the user's own the window stays open at the end.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { still } from '../journey/still'
import { setStage } from '../stage'
import { steps } from '../tour/steps'
import { Tour } from '../tour/tour'

const folder = join(process.cwd(), 'out/demo')
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)

interface StepReport {
  name: string
  ok: boolean
  ms: number
  screenshot: string | null
  error?: string
}

async function screenshot(tour: Tour, file: string): Promise<string | null> {
  try {
    await still(tour.page)
    await tour.page.screenshot({ path: join(folder, file), animations: 'disabled' })
    return file
  } catch (error) {
    console.error(`no screenshot: ${String(error)}`)
    return null
  }
}

type Language = 'en' | 'zh-CN'

async function play(tour: Tour, language: Language): Promise<StepReport[]> {
  const reports: StepReport[] = []
  for (const [index, step] of steps.entries()) {
    const begun = performance.now()
    let error: unknown
    try {
      await step.run(tour)
    } catch (thrown) {
      error = thrown
    }
    const ms = Math.round(performance.now() - begun)
    const file = `${language}/${String(index + 1).padStart(2, '0')}-${slug(step.name)}.png`
    reports.push({
      name: `${language}: ${step.name}`,
      ok: error === undefined,
      ms,
      screenshot: await screenshot(tour, file),
      ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
    })
    console.log(
      `${error === undefined ? 'ok    ' : 'FAILED'} ${String(ms).padStart(6)} ms  ${language}  ${step.name}`,
    )
    if (error === undefined) continue
    console.error(error)
    console.error(tour.isOpen ? tour.opened.output().slice(-2000) : 'the program is not open')
    break
  }
  return reports
}

async function show(language: Language, last: boolean): Promise<StepReport[]> {
  const stage = await setStage({ width: 1280, height: 800, existing: true })
  const tour = new Tour(stage, language)
  try {
    const reports = await play(tour, language)
    if (last && process.env.DISPLAY && reports.every((report) => report.ok)) {
      // The user goes on where the tour ended, with the registries there again.
      await Promise.all([stage.bearerRegistry.start(), stage.publicRegistry.start()])
      console.log('the window is yours; close it to end the demo')
      await tour.page.waitForEvent('close', { timeout: 0 })
    }
    return reports
  } finally {
    await tour.close().catch((error: unknown) => console.error(error))
    await stage.stop()
  }
}

async function main(): Promise<number> {
  rmSync(folder, { recursive: true, force: true })
  console.log('starting a Docker engine, two registries, a keychain and a display ...')
  const languages: Language[] = ['zh-CN', 'en']
  const reports: StepReport[] = []
  for (const [index, language] of languages.entries()) {
    mkdirSync(join(folder, language), { recursive: true })
    reports.push(...(await show(language, index === languages.length - 1)))
  }
  const ok = reports.length === steps.length * languages.length && reports.every((report) => report.ok)
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify({ ok, steps: reports }, null, 2)}\n`)
  console.log(
    `${ok ? 'the whole tour is shown, in both languages' : 'the tour failed'}: out/demo/report.json`,
  )
  return ok ? 0 : 1
}

process.exitCode = await main()
