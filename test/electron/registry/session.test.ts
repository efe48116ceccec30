/** A registry, a token service and a proxy that say back what they were sent: it is shown to nobody and logged nowhere. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type AppError, toAppError } from '@shared/error'
import { createLog } from '../../../electron/log'
import {
  type BlobSource,
  type Credential,
  RegistryClient,
  type UploadSession,
} from '../../../electron/registry/client'
import { probe } from '../../../electron/registry/probe'
import { failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { type Handler, json, plain, type Recorded, TestServer } from '../../support/registry/test-server'
import { startTokenService } from '../../support/registry/token-service'

const password = `p ä+/"${randomBytes(12).toString('base64')}`
const credential: Credential = { username: 'ada', password }
const pair = Buffer.from(`ada:${password}`)
const authorization = ({ headers }: Recorded): string => String(headers.authorization ?? '')
/** Answers as a registry refuses, in words that are made of the request. */
const echo =
  (status: number, words: (request: Recorded) => string): Handler =>
  (request, response) =>
    json(status, { errors: [{ code: 'UNKNOWN', message: words(request) }] })(request, response)

/** Pieces of twelve characters of every form in which a program would write them down. */
const piecesOf = (...secrets: (string | Buffer)[]): string[] =>
  formsOf(...secrets).flatMap((form) =>
    Array.from({ length: Math.max(1, form.length - 11) }, (_, at) => form.slice(at, at + 12)),
  )
const formsOf = (...secrets: (string | Buffer)[]): string[] =>
  secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret)
    return [
      bytes.toString(),
      JSON.stringify(bytes.toString()).slice(1, -1),
      encodeURIComponent(bytes.toString()),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      encodeURIComponent(bytes.toString()).toLowerCase(),
    ]
  })

interface Party {
  client: RegistryClient
  /** What a window is told of an error, and all that was logged. */
  told(error: AppError): string
}

function party(registry: InProcessRegistry, more: object = {}): Party {
  const lines: string[] = []
  const log = createLog((line) => lines.push(line))
  const client = new RegistryClient({
    ...{ endpoint: registry.endpoint(), resolveCredential: () => Promise.resolve(credential) },
    ...{ confirmedRealms: () => [], log, timing: { backoff: 1, patience: 1 }, ...more },
  })
  later({ stop: () => client.close() })
  const told = (error: AppError): string =>
    [JSON.stringify(error.toInfo()), error.message, ...lines, error.detail].join('\n')
  return { client, told }
}

async function basic(answer: Handler): Promise<Party> {
  const registry = later(await InProcessRegistry.start())
  registry.on('*', /./, (request, response) => {
    if (request.headers.authorization) return answer(request, response)
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
    return undefined
  })
  return party(registry)
}

describe('what a registry says back of an account', () => {
  it.each<[string, (sent: string) => string]>([
    ['the header', (sent) => sent],
    ['the header without its scheme', (sent) => sent.replace(/^Basic /, '')],
    ['name and password', () => pair.toString()],
    ['the password', () => password],
    ['the password of a form', () => new URLSearchParams({ password }).toString()],
    ['the password percent-encoded', () => encodeURIComponent(password)],
    [
      'the same in small letters',
      () => encodeURIComponent(password).replace(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['the password in JSON', () => JSON.stringify({ headers: { password } })],
    ['the password in hex', () => Buffer.from(password).toString('hex')],
    ['the password in large hex', () => Buffer.from(password).toString('hex').toUpperCase()],
    ['the password in base64', () => Buffer.from(password).toString('base64')],
    [
      'the password within what is base64',
      () => Buffer.from(JSON.stringify({ a: 1, password })).toString('base64'),
    ],
    ['the password far within', (sent) => `${'x '.repeat(990)}${sent} ${'y'.repeat(9000)}`],
  ])('is not told: %s', async (_name, words) => {
    const { client, told } = await basic(echo(500, (request) => words(authorization(request))))
    const text = told(await failure(client.fetchManifest('team/app', 'v1'), 'REGISTRY_FAILED'))
    for (const piece of piecesOf(password, pair)) expect(text).not.toContain(piece)
  })

  it('is not told as plain text either, nor as a scheme, nor as a place', async () => {
    const answers: Handler[] = [
      (request, response) =>
        plain(500, { 'content-type': 'text/plain' }, authorization(request))(request, response),
      (request, response) => {
        response
          .writeHead(401, { 'www-authenticate': authorization(request).slice(6).replace(/=/g, '') })
          .end()
      },
      (request, response) => {
        const realm = `http://127.0.0.2/${encodeURIComponent(authorization(request))}/${encodeURIComponent(password)}`
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end()
      },
      (request, response) => {
        response.writeHead(307, { location: `http://${authorization(request).slice(6, 40)}.invalid/` }).end()
      },
    ]
    for (const answer of answers) {
      const { client, told } = await basic(answer)
      const text = told(
        await client.fetchManifest('team/app', 'v1').then(() => expect.fail('it succeeded'), toAppError),
      )
      for (const piece of piecesOf(password, pair)) expect(text).not.toContain(piece)
    }
  })

  it('leaves the other words as they are', async () => {
    const words = (request: Recorded): string =>
      `the disk is full for ${authorization(request)}, ask the basic admin`
    const { client } = await basic(echo(500, words))
    const { detail } = await failure(client.fetchManifest('team/app', 'v1'), 'REGISTRY_FAILED')
    expect(detail).toMatch(/^UNKNOWN: the disk is full for .*, ask the basic admin$/)
  })
})

describe('an address for an upload that says the account back', () => {
  const bytes = Buffer.from('a layer')
  const digest = sha256(bytes)
  const source: BlobSource = {
    ...{ digest, size: bytes.length },
    open: (from) => Promise.resolve(Readable.from([bytes.subarray(from)])),
  }
  /** Opens uploads at addresses with this at their end. */
  const opened = async (tail: string): Promise<Party> => {
    const registry = later(await InProcessRegistry.start())
    registry.on('POST', /uploads/, (_request, response) => {
      response.writeHead(202, { location: `/v2/team/app/blobs/uploads/1?_state=${tail}` }).end()
    })
    registry.on('PATCH', /uploads/, (_request, response) => {
      response.writeHead(202, { location: `/v2/team/app/blobs/uploads/1?_state=${tail}&now` }).end()
    })
    registry.on('PUT', /uploads/, plain(201))
    registry.on('*', /./, (request, response) => {
      if (request.headers.authorization) return false
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
      return undefined
    })
    return party(registry)
  }
  const told = async ({ client }: Party): Promise<(UploadSession | null)[]> => {
    const sessions: (UploadSession | null)[] = []
    const onSession = (session: UploadSession | null): void => void sessions.push(session)
    await client.uploadStream('team/app', source, { onSession })
    const mounted = await client.mountBlob('team/app', digest, 'team/other')
    return [...sessions, mounted === 'mounted' ? null : mounted]
  }

  it.each([
    encodeURIComponent(password),
    pair.toString('base64url'),
    encodeURIComponent(pair.toString('base64')),
  ])('is used, and told to nobody who would write it down: %#', async (tail) =>
    expect((await told(await opened(tail))).filter((session) => session !== null)).toEqual([]),
  )

  it('is told where it says nothing', async () => {
    const [first, ...rest] = await told(await opened('harmless'))
    expect(first?.location).toMatch(/_state=harmless/)
    expect(rest.at(-1)?.location).toMatch(/_state=harmless/)
  })
})

describe('what is said back of a token', () => {
  it('is not told, neither by the registry nor by the token service', async () => {
    const registry = later(await InProcessRegistry.start())
    const service = later(await startTokenService())
    service.passwords.set('ada', password)
    registry.on('*', /./, service.guard)
    registry.on('*', /manifests/, (request, response) => {
      if (!request.headers.authorization) return false
      const [, token = ''] = authorization(request).split(' ')
      return echo(500, () => [authorization(request), ...formsOf(token)].join(' and '))(request, response)
    })
    const { client, told } = party(registry)
    const text = told(await failure(client.fetchManifest('team/app', 'v1'), 'REGISTRY_FAILED'))
    expect(service.tokens.size).toBeGreaterThan(0)
    for (const piece of piecesOf(...service.tokens.keys())) expect(text).not.toContain(piece)

    service.server.on(
      'GET',
      '/token',
      echo(401, (request) => `${authorization(request)} is ${pair.toString()}`),
    )
    const other = party(registry)
    const refused = other.told(await failure(other.client.fetchManifest('team/app', 'v1'), 'UNAUTHORIZED'))
    for (const piece of piecesOf(password, pair)) expect(refused).not.toContain(piece)
  })
})

describe('what a proxy says back of its own account', () => {
  it('is not told, and neither is its password in the steps of a test', async () => {
    const word = randomBytes(12).toString('base64')
    const proxied = Buffer.from(`proxy-user:${word}`).toString('base64')
    const proxy = later(
      await TestServer.start({
        fallback: echo(403, ({ headers }) => `${String(headers['proxy-authorization'])} is ${word}`),
      }),
    )
    const address = new URL(proxy.url)
    address.username = 'proxy-user'
    address.password = word
    const registry = later(await InProcessRegistry.start())
    const proxyFor = (): URL => address
    const { client, told } = party(registry, { proxyFor })
    const text = told(await failure(client.fetchManifest('team/app', 'v1'), 'DENIED'))
    const steps = await probe({
      ...{ endpoint: registry.endpoint(), resolveCredential: () => Promise.resolve(null), namespace: null },
      ...{ confirmedRealms: () => [], signal: new AbortController().signal, onSteps: () => undefined },
      ...{ log: createLog(() => undefined), proxyFor },
    })
    expect(proxy.requests.length).toBeGreaterThan(1)
    for (const piece of piecesOf(word, proxied)) {
      expect(text).not.toContain(piece)
      expect(JSON.stringify(steps)).not.toContain(piece)
    }
  })
})
