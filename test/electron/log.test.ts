import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createLog } from '../../electron/log'
import { logFile } from '../../electron/log-file'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

describe('a log line', () => {
  const write = (fields: Record<string, unknown>, message = 'm'): string => {
    const lines: string[] = []
    createLog((line) => lines.push(line)).info(message, fields)
    return lines.join('\n')
  }
  it.each([
    [{ password: 'canary' }],
    [{ headers: { Authorization: 'Basic canary' } }],
    [{ 'X-Registry-Auth': 'canary' }],
    [{ access_token: 'canary' }],
    [{ text: 'sent Bearer canary.canary-1_2' }],
    [{ url: 'https://user:canary@a.example/v2/' }],
    [{ error: new Error('Authorization: Basic canary==') }],
    [{ list: [{ refresh_token: 'canary' }] }],
    [{ url: 'https://user:pass@canary@a.example/v2/' }],
    [{ url: `${'x'.repeat(3990)}https://user:canary-${'y'.repeat(20)}@a.example` }],
    [{ text: `got ${Buffer.from('{"alg":"RS256"}').toString('base64url')}.Y2FuYXJ5LWNhbmFyeQ.canary` }],
    [
      {
        text: `X-Registry-Auth: ${Buffer.from('{"username":"a","password":"canary"}').toString('base64url')}`,
      },
    ],
  ])('holds no secret: %#', (fields) => expect(write(fields)).not.toMatch(/canary|Y2FuYXJ5|hbmFye/))

  it('is one line of JSON whatever is in it', () => {
    const line = write({ text: 'a\nb\u2028c' }, 'x\ny')
    expect(line.split('\n')).toHaveLength(1)
    expect(JSON.parse(line)).toMatchObject({ level: 'info', message: 'x\ny', text: 'a\nb\u2028c' })
  })
  it('survives a circle', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(write({ circle })).toContain('{...}')
  })
})

describe('the log file', () => {
  it('starts anew when it is full and keeps the older one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-log-'))
    folders.push(folder)
    const write = logFile(folder, (error) => {
      throw error
    })
    const line = 'x'.repeat(100_000)
    for (let count = 0; count < 50; count++) write(line)
    expect(readdirSync(folder).sort()).toEqual(['slipway.1.log', 'slipway.log'])
    expect(readFileSync(join(folder, 'slipway.log'), 'utf8').length).toBeLessThan(2.2 * 1024 * 1024)
  })
  it('tells once that it cannot write, and does not throw', () => {
    const failures: unknown[] = []
    const write = logFile('/dev/null/nowhere', (error) => failures.push(error))
    write('a')
    write('b')
    expect(failures.length).toBeGreaterThan(0)
    expect(failures.length).toBeLessThan(3)
  })
})
