import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { defaultSettings, SettingsPatch } from '@shared/settings'
import { silentLog } from '../../../electron/log'
import { SettingsStore } from '../../../electron/store/settings'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'settings-'))))
afterEach(() => rmSync(folder, { recursive: true }))

it('changes only the fields of the patch, also after it went through its schema', async () => {
  const store = new SettingsStore(folder, silentLog)
  const heard: string[] = []
  store.on((settings) => heard.push(settings.theme))
  await store.change({ language: 'zh-CN' })
  await store.change(SettingsPatch.parse({ theme: 'dark' }))
  const expected = { ...defaultSettings, language: 'zh-CN', theme: 'dark' }
  expect(store.read()).toEqual(expected)
  expect(new SettingsStore(folder, silentLog).read()).toEqual(expected)
  expect(heard).toEqual(['system', 'dark'])
})

it('reads an older file that lacks fields', () => {
  writeFileSync(join(folder, 'settings.json'), '{"theme": "light"}')
  expect(new SettingsStore(folder, silentLog).read()).toEqual({ ...defaultSettings, theme: 'light' })
})
