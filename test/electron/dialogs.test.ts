import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDialogs } from '../../electron/dialogs'

function dialogsThat(chosen: { filePaths?: string[]; filePath?: string }) {
  const asked: object[] = []
  const dialogs = createDialogs({
    open: (options) => {
      asked.push(options)
      return Promise.resolve({ filePaths: chosen.filePaths ?? [] })
    },
    save: (options) => {
      asked.push(options)
      return Promise.resolve(chosen.filePath === undefined ? {} : { filePath: chosen.filePath })
    },
  })
  return { dialogs, asked }
}

describe('the system’s dialogs', () => {
  it('answer null where they were closed', async () => {
    const { dialogs } = dialogsThat({})
    expect(await dialogs.choosePath(true)).toBe(null)
    expect(await dialogs.choosePem()).toBe(null)
    expect(await dialogs.openText()).toBe(null)
    expect(await dialogs.chooseSave('web.yaml')).toBe(null)
    expect(await dialogs.chooseArchives(false)).toEqual([])
  })
  it('propose a name that every system takes', async () => {
    const { dialogs, asked } = dialogsThat({ filePath: '/x' })
    expect(await dialogs.chooseSave('a/b\\c:d.log')).toBe('/x')
    expect(asked).toEqual([{ defaultPath: 'a-b-c-d.log' }])
  })
  it('show hidden folders, where keys are', async () => {
    const { dialogs, asked } = dialogsThat({ filePaths: ['/home/u/.docker'] })
    expect(await dialogs.choosePath(true)).toBe('/home/u/.docker')
    expect(asked).toEqual([{ properties: ['openDirectory', 'showHiddenFiles'] }])
  })
  it('read a description, but nothing that is too big for one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slw-dialogs-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'web.yaml')
    const { dialogs } = dialogsThat({ filePaths: [file] })
    writeFileSync(file, 'name: web\n')
    expect(await dialogs.openText()).toBe('name: web\n')
    writeFileSync(file, Buffer.alloc(2_000_001))
    await expect(dialogs.openText()).rejects.toMatchObject({ code: 'DESCRIPTION_INVALID' })
  })
})
