import type { Journey } from './journey'

/** From now on links are noted instead of opened; answers what was opened so far. */
export async function noteLinks(journey: Journey): Promise<() => Promise<string[]>> {
  await journey.app.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    shell.openExternal = async (url) => void opened.push(url)
  })
  return () => journey.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
}
