/** A tour is the main job, step by step, on one stage: what the demo shows and what the journey tests. */
import { Journey } from '../journey/journey'
import type { Stage } from '../stage'

export class Tour extends Journey {
  constructor(
    readonly stage: Stage,
    readonly language: 'en' | 'zh-CN' = 'en',
    size: { width: number; height: number } = { width: 1280, height: 800 },
  ) {
    const { engine, keyring, display, userData } = stage
    super({ engineHost: engine.host, keyring, display, userData: userData.path, lang: language, size })
  }

  /** Opens the program on the stage's parts; with what it knew before when it was open already. */
  async open(colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    await this.start({ colorScheme })
  }
}
