import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import type { Journey } from './journey'

const folder = join(import.meta.dirname, '../../../out/test')

/** To be called after each test: what the window looked like when it failed is kept in `out/test`. */
export async function pictureFailure({ task }: TestContext, journey: Journey): Promise<void> {
  if (task.result?.state !== 'fail' || !journey.isOpen) return
  mkdirSync(folder, { recursive: true })
  const name = `${task.file.name} ${task.name}`.replace(/[^a-z0-9]+/gi, '-').slice(0, 100)
  await journey.page.screenshot({ path: join(folder, `${name}.png`) })
}
