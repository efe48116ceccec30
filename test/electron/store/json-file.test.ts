import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { silentLog } from '../../../electron/log'
import { JsonFile } from '../../../electron/store/json-file'

const schema = z.object({ count: z.number() })
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'json-file-'))
  file = join(folder, 'count.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (log = silentLog): JsonFile<{ count: number }> =>
  new JsonFile({ file, schema, fallback: { count: 0 }, log, now: () => 7 })

describe('JsonFile', () => {
  it('starts with the fallback and keeps what was changed, for its owner only', async () => {
    const first = open()
    expect(first.read()).toEqual({ count: 0 })
    await first.change(({ count }) => ({ count: count + 1 }))
    expect(open().read()).toEqual({ count: 1 })
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('makes changes one after another, each from the one before', async () => {
    const counter = open()
    await Promise.all(Array.from({ length: 20 }, () => counter.change(({ count }) => ({ count: count + 1 }))))
    expect(open().read()).toEqual({ count: 20 })
    expect(readdirSync(folder).sort()).toEqual(['count.json', 'count.json.bak'])
  })

  it('puts a broken file aside, says so, and uses the last good copy', async () => {
    const counter = open()
    await counter.change(() => ({ count: 1 }))
    await counter.change(() => ({ count: 2 }))
    writeFileSync(file, '{"count": 3')
    const said: string[] = []
    const again = open({ ...silentLog, error: (message) => said.push(message) })
    expect(again.read()).toEqual({ count: 2 })
    expect(readFileSync(`${file}.broken-7`, 'utf8')).toBe('{"count": 3')
    expect(said).toHaveLength(1)
    await again.change(({ count }) => ({ count: count + 10 }))
    expect(open().read()).toEqual({ count: 12 })
  })

  it('uses the other copy where one of them was lost or damaged, after one change or many', async () => {
    await open().change(() => ({ count: 5 }))
    writeFileSync(file, '')
    expect(open().read()).toEqual({ count: 5 })
    await open().change(() => ({ count: 6 }))
    rmSync(file)
    expect(open().read()).toEqual({ count: 6 })
  })

  it('takes away what a program left that died while it wrote, and nothing else', async () => {
    await open().change(() => ({ count: 5 }))
    const left = ['count.json.0a1b2c3d.tmp', 'count.json.bak.99999999.tmp']
    const others = ['count.json.mine.tmp', 'other.json.0a1b2c3d.tmp']
    for (const name of [...left, ...others]) writeFileSync(join(folder, name), '{')
    expect(open().read()).toEqual({ count: 5 })
    expect(readdirSync(folder).sort()).toEqual(['count.json', 'count.json.bak', ...others].sort())
  })

  it('uses the fallback where nothing can be understood', () => {
    writeFileSync(file, '{"count": "many"}')
    writeFileSync(`${file}.bak`, 'null')
    expect(open().read()).toEqual({ count: 0 })
  })

  it('stays as it was when a change throws or the disk fails', async () => {
    const counter = open()
    await counter.change(() => ({ count: 1 }))
    const refusal = counter.change(() => {
      throw new Error('no')
    })
    await expect(refusal).rejects.toThrow('no')
    rmSync(folder, { recursive: true })
    await expect(counter.change(() => ({ count: 2 }))).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(counter.read()).toEqual({ count: 1 })
    open() // Makes the folder again, for afterEach and for the next change.
    await counter.change(({ count }) => ({ count: count + 1 }))
    expect(open().read()).toEqual({ count: 2 })
  })
})
