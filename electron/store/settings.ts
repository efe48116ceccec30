import { join } from 'node:path'
import { defaultSettings, Settings, type SettingsPatch } from '@shared/settings'
import type { Log } from '../log'
import { JsonFile } from './json-file'
import { Listeners } from './listeners'

/** What the user chose for the program as a whole, in `settings.json`. */
export class SettingsStore {
  private readonly file: JsonFile<Settings>
  private readonly listeners = new Listeners<Settings>()

  constructor(folder: string, log: Log) {
    const file = join(folder, 'settings.json')
    this.file = new JsonFile({ file, schema: Settings, fallback: defaultSettings, log })
  }

  read(): Settings {
    return this.file.read()
  }

  /** Takes over the fields that the patch has and answers the whole; STORE_FAILED leaves everything as it was. */
  async change(patch: SettingsPatch): Promise<Settings> {
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
    const settings = await this.file.change((current) => ({ ...current, ...given }))
    this.listeners.tell(settings)
    return settings
  }

  on(listener: (settings: Settings) => void): () => void {
    return this.listeners.add(listener)
  }
}
