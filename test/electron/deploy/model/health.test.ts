import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HealthSpec } from '@shared/deployment'
import { fromEngineHealth, healthCommand, toEngineHealth } from '../../../../electron/deploy/model/health'

const timing = { startSeconds: 0, intervalSeconds: 1, timeoutSeconds: 2, retries: 3 }
let server: Server
let silent: ReturnType<typeof createTcp>
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-health-'))
  server = createServer((request, response) => {
    const status = { '/moved': 302, '/broken': 500, "/it's?a=1&b=$HOME": 204 }[request.url ?? '']
    response.writeHead(status ?? (request.url === '/' ? 200 : 404), { location: '/' }).end()
  })
  // A service that waits for its client's first word.
  silent = createTcp(() => {})
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  silent.close()
  rmSync(folder, { recursive: true, force: true })
})

const find = (name: string): string | undefined =>
  ['/bin', '/usr/bin', '/usr/local/bin'].map((place) => join(place, name)).find((path) => existsSync(path))
const busybox = find('busybox') ?? ''

/** Tools by name, each with the program that it is; an image has one of these sets. */
const images: Record<string, Record<string, string | undefined>> = {
  'curl alone': { curl: find('curl') },
  'busybox’s wget and nc': { wget: busybox, nc: busybox },
  'bash alone': { bash: find('bash') },
  'busybox’s nc alone': { nc: busybox },
  'busybox without links': { busybox },
}

/** The exit code of a probe in an image that has those tools and no others. */
function exitCode(image: string, health: HealthSpec): Promise<number> {
  const path = join(folder, image.replace(/\W/g, ''))
  mkdirSync(path, { recursive: true })
  for (const [name, program] of Object.entries(images[image] ?? {})) {
    if (program && !existsSync(join(path, name))) symlinkSync(program, join(path, name))
  }
  const environment = { PATH: path, http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' }
  return new Promise((done) => {
    const child = execFile('/bin/sh', ['-c', healthCommand(health) ?? ''], {
      env: environment,
      timeout: 10_000,
    })
    child.on('close', (code) => done(code ?? -1))
  })
}

const port = (of: { address(): unknown }): number => (of.address() as AddressInfo).port
const known = Object.entries(images)
  .filter(([, tools]) => Object.values(tools).every((tool) => tool))
  .map(([name]) => name)

describe.each(known)('in an image with %s', (image) => {
  const http = (path: string, at = port(server)): Promise<number> =>
    exitCode(image, { kind: 'http', port: at, path, ...timing })

  it('asks by HTTP, past any proxy', async () => {
    expect(await http('/')).toBe(0)
    expect(await http("/it's?a=1&b=$HOME")).toBe(0)
    expect(await http('/moved')).toBe(0)
    expect(await http('/missing')).toBe(1)
    expect(await http('/broken')).toBe(1)
    expect(await http('/', 1)).toBe(1)
  })

  it('asks by TCP', async () => {
    expect(await exitCode(image, { kind: 'tcp', port: port(silent), ...timing })).toBe(0)
    expect(await exitCode(image, { kind: 'tcp', port: 1, ...timing })).toBe(1)
  })
})

describe('for engines', () => {
  it('has times in nanoseconds, and a start of zero that is not the image’s', () => {
    const health = toEngineHealth({ kind: 'command', command: 'true', ...timing, intervalSeconds: 0.1 })
    expect(health).toEqual({
      ...{ Test: ['CMD-SHELL', 'true'], Interval: 100_000_000, Timeout: 2_000_000_000 },
      ...{ StartPeriod: 1_000_000, Retries: 3 },
    })
  })

  it('takes a script that is only like ours as a command', () => {
    const script = `${healthCommand({ kind: 'tcp', port: 80, ...timing }) ?? ''}\nrm -rf /`
    expect(fromEngineHealth({ Test: ['CMD-SHELL', script] }, null)).toMatchObject({
      ...{ kind: 'command', command: script },
    })
  })
})
