import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tarOf } from '../../../../electron/deploy/model/tar-files'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-tar-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['/etc/app.conf'],
  ['/a'],
  ['/grüße/配置 file.conf'],
  [`/${'long/'.repeat(40)}${'x'.repeat(120)}`],
  [`/${'d'.repeat(99)}`],
])('is a tar that others read: %s', (path) => {
  const tar = tarOf([
    { path, content: 'één\n'.repeat(300), mode: '0640' },
    { path: '/empty', content: '', mode: '755' },
  ])
  expect(tar.length % 512).toBe(0)
  execFileSync('tar', ['-xpf', '-', '-C', folder], { input: tar })
  expect(readFileSync(join(folder, path), 'utf8')).toBe('één\n'.repeat(300))
  expect(statSync(join(folder, path)).mode & 0o777).toBe(0o640)
  expect(statSync(join(folder, 'empty')).size).toBe(0)
  expect(statSync(join(folder, 'empty')).mode & 0o777).toBe(0o755)
})

it('is empty without files', () => {
  expect(execFileSync('tar', ['-tf', '-'], { input: tarOf([]) }).toString()).toBe('')
})
