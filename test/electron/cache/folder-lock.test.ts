import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FolderLock } from '../../../electron/cache/folder-lock'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('gives a folder to one at a time, and to the next once it is released', () => {
  const first = new FolderLock(folder)
  expect(() => new FolderLock(folder)).toThrowError(/^STORE_FAILED.*locked/)
  const other = new FolderLock(join(folder, 'other'))
  first.release()
  const second = new FolderLock(folder)
  expect(() => new FolderLock(folder)).toThrow()
  second.release()
  other.release()
})
