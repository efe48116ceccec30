import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'

/** The point of something on the screen that a hand would take: its middle, or near the start of a long row. */
export async function middleOf(place: Locator): Promise<{ x: number; y: number }> {
  await place.waitFor({ state: 'visible' })
  const box = await place.boundingBox()
  assert.ok(box, 'it has a place on the screen')
  return { x: box.x + Math.min(box.width / 2, 160), y: box.y + box.height / 2 }
}
