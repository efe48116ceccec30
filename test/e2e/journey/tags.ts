/** The table of a repository's tags, by mouse and by keys. */
import type { Locator } from 'playwright-core'
import type { Journey } from './journey'
import { middleOf } from './place'

export const tagRow = (journey: Journey, tag: string): Locator =>
  journey.page.locator(`[data-testid="tag-row"][data-tag="${tag}"]`)

/** The names of tags that a list shows, in its order. */
export const tagsShown = (list: Locator): Promise<string[]> =>
  list.locator('[data-tag]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-tag') ?? ''))

/** Waits until every tag that is shown was read: before, rows still change places. */
export async function allRead(journey: Journey): Promise<void> {
  await journey.at('tag-row').first().waitFor()
  await journey.page.locator('[data-testid="tag-row"] .ghost').first().waitFor({ state: 'detached' })
}

/** Ticks tags, so that what is done to one of them is done to all. */
export async function tick(journey: Journey, ...tags: string[]): Promise<void> {
  await allRead(journey)
  for (const tag of tags) await tagRow(journey, tag).locator('input[type=checkbox]').click()
}

/** Chooses an entry of a tag's menu, by its test id. */
export async function fromMenu(journey: Journey, tag: string, entry: string): Promise<void> {
  await allRead(journey)
  await tagRow(journey, tag).getByTestId('tag-menu').click()
  await journey.click(entry)
}

/** Goes to a tag with the keys alone: filters for it, goes down to the list and onto the row. */
export async function goByKeys(journey: Journey, tag: string): Promise<void> {
  const { page } = journey
  await allRead(journey)
  await page.keyboard.press('/')
  await page.locator('[data-testid="filter"] input:focus').waitFor()
  await page.keyboard.press('Control+A')
  await page.keyboard.type(tag)
  await tagRow(journey, tag).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.locator('[role="grid"]:focus').waitFor()
  await page.keyboard.press('Home')
}

/** Opens the rule for cleaning up; the focus goes to Cancel when it is all there, and would take what is typed before. */
export async function openCleanup(journey: Journey): Promise<void> {
  await journey.click('cleanup-open')
  await journey.page.locator('[data-testid="cleanup-cancel"]:focus').waitFor()
}

/** Moves what is in the hand over a place, and waits for what opens when it rests there. */
export async function restOn(journey: Journey, place: Locator, opens: Locator): Promise<void> {
  const { x, y } = await middleOf(place)
  await journey.page.mouse.move(x, y, { steps: 6 })
  await opens.waitFor()
}

/** Lets go of what is in the hand. */
export async function letGo(journey: Journey, onto: Locator): Promise<void> {
  const { x, y } = await middleOf(onto)
  await journey.page.mouse.move(x, y, { steps: 8 })
  await journey.page.mouse.up()
}
