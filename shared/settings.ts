import { z } from 'zod'

export const Language = z.enum(['system', 'zh-CN', 'en'])
export const Theme = z.enum(['system', 'light', 'dark'])

const fields = {
  language: Language,
  theme: Theme,
  /** Which registry each section shows; null means the first that has the role. */
  current: z.object({ public: z.string().nullable(), private: z.string().nullable() }),
  /** `cards` or `table`, by section. */
  view: z.object({ public: z.enum(['cards', 'table']), private: z.enum(['cards', 'table']) }),
  tagOrder: z.enum(['time', 'version']),
  /** `auto` finds the engine as docker's own client does; otherwise the id of an endpoint. */
  engine: z.string(),
  /** Where Deploy goes; null: the first pool that answers. */
  pool: z.string().nullable(),
  showDangling: z.boolean(),
  /** Columns that the user hid, by table. */
  hiddenColumns: z.record(z.string(), z.array(z.string())),
}

/** What the user chose for the program as a whole. Every field has a default, so an older file still reads. */
export const Settings = z.object({
  language: fields.language.default('system'),
  theme: fields.theme.default('system'),
  current: fields.current.default({ public: null, private: null }),
  view: fields.view.default({ public: 'cards', private: 'table' }),
  tagOrder: fields.tagOrder.default('time'),
  engine: fields.engine.default('auto'),
  pool: fields.pool.default(null),
  showDangling: fields.showDangling.default(false),
  hiddenColumns: fields.hiddenColumns.default({}),
})
export type Settings = z.infer<typeof Settings>

/** From the fields without their defaults: zod fills those in, and a patch of one field would reset all the others. */
export const SettingsPatch = z.object(fields).partial()
export type SettingsPatch = z.infer<typeof SettingsPatch>

/** As `Settings` fills them in; written out, so that the window needs no schema for them. */
export const defaultSettings: Settings = {
  language: 'system',
  theme: 'system',
  current: { public: null, private: null },
  view: { public: 'cards', private: 'table' },
  tagOrder: 'time',
  engine: 'auto',
  pool: null,
  showDangling: false,
  hiddenColumns: {},
}
