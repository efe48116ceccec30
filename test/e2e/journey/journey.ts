/** A person in front of the window: opens the program, looks for what is on it, clicks, types and drags. */
import assert from 'node:assert/strict'
import type { ElectronApplication, Locator, Page } from 'playwright-core'
import { startProgram, type Program, type ProgramOptions } from '../../lab/program'
import { middleOf } from './place'

export class Journey {
  private program: Program | null = null

  /** `options` hold for every start of the program. */
  constructor(private readonly options: ProgramOptions) {}

  /** Opens the program; with what it knew before when it was open already. */
  async start(options: ProgramOptions = {}): Promise<void> {
    await this.close()
    this.program = await startProgram({ ...this.options, ...options })
    this.page.setDefaultTimeout(20_000)
    await this.see('registry-switcher')
    // An address that is asked for before the first page is there would be lost.
    await this.page.locator('main > *').first().waitFor({ state: 'attached' })
  }

  /** Quits it as its user would. */
  async close(): Promise<void> {
    const program = this.program
    this.program = null
    await program?.close()
  }

  /** Ends it as a crash would. */
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

  /** The main process. */
  get app(): ElectronApplication {
    return this.opened.app
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId)
  }

  async see(testId: string): Promise<Locator> {
    const found = this.at(testId).first()
    await found.waitFor({ state: 'visible' })
    return found
  }

  async gone(testId: string): Promise<void> {
    await this.at(testId).first().waitFor({ state: 'detached' })
  }

  async click(testId: string): Promise<void> {
    await this.at(testId).first().click()
  }

  async fill(testId: string, text: string): Promise<void> {
    await this.at(testId).first().fill(text)
  }

  /** Drags with the mouse from one place to another, slowly enough for the window to say where it would go. */
  async drag(from: Locator, to: Locator, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    await this.lift(from)
    const end = await middleOf(to)
    await this.page.mouse.move(end.x, end.y, { steps: 12 })
    await meanwhile()
    await this.page.mouse.up()
  }

  /** The first half of a drag: takes hold of something and moves it a little. */
  async lift(from: Locator): Promise<void> {
    const start = await middleOf(from)
    await this.page.mouse.move(start.x, start.y)
    await this.page.mouse.down()
    await this.page.mouse.move(start.x + 8, start.y + 8, { steps: 4 })
  }
}
