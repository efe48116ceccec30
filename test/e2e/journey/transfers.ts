/** Pushes, and what the list of transfers says about them. */
import type { Locator } from 'playwright-core'
import type { JobState } from '@shared/job'
import type { ErrorCode } from '@shared/error'
import type { Journey } from './journey'

export interface Target {
  /** Local image, by the name that its row shows. */
  image: string
  registryId: string
  name: string
  tag: string
}

const place = (section: string, registryId: string, repository?: string): string =>
  `#/${[section, registryId, ...(repository === undefined ? [] : [repository])].map(encodeURIComponent).join('/')}`

/** Goes to an address of the window, as a link in it would. */
export async function goTo(
  journey: Journey,
  section: 'public' | 'private',
  registryId: string,
  repository?: string,
): Promise<void> {
  await journey.page.evaluate((hash) => void (location.hash = hash), place(section, registryId, repository))
  await journey.see(repository === undefined ? `catalog-${section}` : 'repository-page')
}

/** Opens the composer for an image and fills it in; Start is not pressed. */
export async function compose(journey: Journey, target: Target): Promise<void> {
  await goTo(journey, 'private', target.registryId)
  await journey.click('nav-local')
  await journey.drag(journey.at(`row-${target.image}`).first(), journey.at('nav-private'))
  // The drawer gives the focus to the name when it is all there.
  await journey.page.locator('[data-testid="composer-name"]:focus').waitFor()
  await journey.fill('composer-name', target.name)
  await journey.fill('composer-tag', target.tag)
}

/** The row of a transfer, by a piece of its title. */
export const rowOf = (journey: Journey, piece: string): Locator =>
  journey.page.locator(`[data-testid^="transfer-"][data-state][aria-label*="${piece}"]`).first()

/** Composes and starts; answers the row in Transfers. */
export async function push(journey: Journey, target: Target): Promise<Locator> {
  await compose(journey, target)
  await journey.click('composer-start')
  await journey.gone('composer')
  await journey.click('nav-transfers')
  const row = rowOf(journey, `/${target.name}:${target.tag}`)
  await row.waitFor()
  return row
}

/** Waits until a row is in a state. */
export const reach = (row: Locator, state: JobState, timeout = 30_000): Promise<void> =>
  row.and(row.page().locator(`[data-state="${state}"]`)).waitFor({ timeout })

/** Waits until a row shows an error; answers what it says. */
export async function failure(row: Locator, code: ErrorCode, timeout = 30_000): Promise<string> {
  await reach(row, 'failed', timeout)
  const panel = row.locator(`[data-testid="error-panel"][data-code="${code}"]`)
  await panel.waitFor()
  return panel.innerText()
}
