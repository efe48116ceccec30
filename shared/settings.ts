import { z } from 'zod'

export const Language = z.enum(['system', 'zh-CN', 'en'])
export const Theme = z.enum(['system', 'light', 'dark'])

/** What the user chose for the program as a whole. Every field has a default, so an older file still reads. */
export const Settings = z.object({
  language: Language.default('system'),
  theme: Theme.default('system'),
  /** Which registry each section shows; null means the first that has the role. */
  current: z
    .object({ public: z.string().nullable(), private: z.string().nullable() })
    .default({ public: null, private: null }),
  /** `cards` or `table`, by section. */
  view: z
    .object({ public: z.enum(['cards', 'table']), private: z.enum(['cards', 'table']) })
    .default({ public: 'cards', private: 'table' }),
  tagOrder: z.enum(['time', 'version']).default('time'),
  /** `auto` finds the engine as docker's own client does; otherwise the id of an endpoint. */
  engine: z.string().default('auto'),
  showDangling: z.boolean().default(false),
  /** Columns that the user hid, by table. */
  hiddenColumns: z.record(z.string(), z.array(z.string())).default({}),
})
export type Settings = z.infer<typeof Settings>

export const SettingsPatch = Settings.partial()
export type SettingsPatch = z.infer<typeof SettingsPatch>

export const defaultSettings: Settings = Settings.parse({})
