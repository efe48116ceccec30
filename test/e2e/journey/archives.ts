/** The ways by which an archive on disk comes into the window, and what the composer then says of it. */
import type { Locator } from 'playwright-core'
import type { Journey } from './journey'
import { middleOf } from './place'
import { rowOf } from './transfers'

/** Drops files or folders of the system onto a place of the window, as a file browser does. */
export async function dropFiles(journey: Journey, files: string[], onto: Locator): Promise<void> {
  const { x, y } = await middleOf(onto)
  const client = await journey.page.context().newCDPSession(journey.page)
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver'] as const)
    await client.send('Input.dispatchDragEvent', { type, x, y, data })
  await journey.see('drop-overlay')
  await client.send('Input.dispatchDragEvent', { type: 'drop', x, y, data })
  await client.detach()
  await journey.see('composer')
}

/** What the system's file picker answers from now on. */
export async function answerPicker(journey: Journey, filePaths: string[]): Promise<void> {
  await journey.app.evaluate(({ dialog }, paths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: paths })
  }, filePaths)
}

/** Pastes a text where nothing is written, by the system's clipboard. */
export async function pasteText(journey: Journey, text: string): Promise<void> {
  await journey.app.evaluate(({ clipboard }, words) => clipboard.writeText(words), text)
  await journey.page.locator('main').click({ position: { x: 4, y: 4 } })
  await journey.page.keyboard.press('Control+V')
  await journey.see('composer')
}

/** The composer's block for an image, by a piece of the name that it is taken under. */
export const blockOf = (journey: Journey, name: string): Locator =>
  journey.page.locator(`[data-testid="composer-block"][aria-label*="${name}"]`)

/** Fills in where an image goes, and answers what the plan then says of it. */
export async function aim(block: Locator, name: string, tag: string): Promise<string> {
  await block.getByTestId('composer-name').fill(name)
  await block.getByTestId('composer-tag').fill(tag)
  return planOf(block)
}

/** What will be sent, as told before Start. */
export async function planOf(block: Locator): Promise<string> {
  await block.locator('[aria-live] .line').first().waitFor()
  await block.locator('[aria-live] .spin').waitFor({ state: 'detached' })
  return (await block.getByTestId('composer-plan').innerText()).replace(/\s+/g, ' ')
}

/** Presses Start and goes to Transfers; answers the row of one of those that were started. */
export async function startAll(journey: Journey, piece: string): Promise<Locator> {
  await journey.page.locator('[data-testid="composer-start"]:enabled').click()
  await journey.gone('composer')
  await journey.click('nav-transfers')
  const row = rowOf(journey, piece)
  await row.waitFor()
  return row
}

/** The parts of a transfer's row, one state for each layer. */
export async function layerStates(row: Locator): Promise<string[]> {
  if ((await row.locator('.layer').count()) === 0) await row.getByTestId('transfer-expand').click()
  await row.locator('.layer').first().waitFor()
  return row
    .locator('.layer')
    .evaluateAll((layers) => layers.map((layer) => layer.getAttribute('data-state') ?? ''))
}
