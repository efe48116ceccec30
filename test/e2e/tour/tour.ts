/** A tour is the main job, step by step, on one stage: what the demo shows and what the journey tests. */
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { startProgram, type Program } from '../../lab/program'
import type { Stage } from '../stage'

export class Tour {
  private program: Program | null = null

  constructor(
    readonly stage: Stage,
    readonly language: 'en' | 'zh-CN' = 'en',
    private readonly size: { width: number; height: number } = { width: 1280, height: 800 },
  ) {}

  /** Opens the program on the stage's parts; with what it knew before when it was open already. */
  async open(colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    await this.close()
    this.program = await startProgram({
      engineHost: this.stage.engine.host,
      keyring: this.stage.keyring,
      display: this.stage.display,
      userData: this.stage.userData.path,
      lang: this.language,
      size: this.size,
      colorScheme,
    })
    this.page.setDefaultTimeout(20_000)
  }

  async close(): Promise<void> {
    const program = this.program
    this.program = null
    await program?.close()
  }

  async kill(): Promise<void> {
    const program = this.program
    this.program = null
    await program?.kill()
  }

  get isOpen(): boolean {
    return this.program !== null
  }

  get opened(): Program {
    assert.ok(this.program, 'the program is open')
    return this.program
  }

  get page(): Page {
    return this.opened.window
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId)
  }

  async see(testId: string): Promise<Locator> {
    const found = this.at(testId).first()
    await found.waitFor({ state: 'visible' })
    return found
  }

  async click(testId: string): Promise<void> {
    await this.at(testId).first().click()
  }

  async fill(testId: string, text: string): Promise<void> {
    await this.at(testId).first().fill(text)
  }

  /** Drags with the mouse from one place to another, slowly enough for the window to say where it would go. */
  async drag(from: Locator, to: Locator, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const [start, end] = [await middleOf(from), await middleOf(to)]
    await this.page.mouse.move(start.x, start.y)
    await this.page.mouse.down()
    await this.page.mouse.move(start.x + 8, start.y + 8, { steps: 4 })
    await this.page.mouse.move(end.x, end.y, { steps: 12 })
    await meanwhile()
    await this.page.mouse.up()
  }
}

async function middleOf(place: Locator): Promise<{ x: number; y: number }> {
  await place.waitFor({ state: 'visible' })
  const box = await place.boundingBox()
  assert.ok(box, 'it has a place on the screen')
  return { x: box.x + Math.min(box.width / 2, 160), y: box.y + box.height / 2 }
}
