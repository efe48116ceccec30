import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { waitBefore } from '../../../electron/engine/connection'
import { toAppError } from '@shared/error'
import { json, startFakeEngine, stream, type FakeEngine } from './fake-engine'
import { clientOf, holds, transferOf } from './lab-engine'
import { waitFor } from '../../support/wait'

const hex = 'ab'.repeat(32)
const digest = `sha256:${hex}`
const reference = 'r.example:5000/t/app:v1'
const image = { Id: digest, RepoTags: [reference], RepoDigests: null, Size: 5, RootFS: { Layers: [digest] } }

/** An engine that has the image, and whose push or pull says this. */
const saying = (...messages: object[]): Promise<FakeEngine> =>
  startFakeEngine({
    [`GET /images/${reference}/json`]: json(image),
    [`GET /images/${reference}/history`]: json([{ Size: 5, CreatedBy: '' }]),
    'POST /images': stream(...messages),
  })

/** Lets time go by, while sockets are as quick as they are, until `condition` holds. */
async function later(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 2000) throw new Error('not yet')
    await vi.advanceTimersByTimeAsync(100)
    await new Promise((done) => setImmediate(done))
  }
}

describe('the connection', () => {
  it('looks again after at most a second', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(waitBefore)).toEqual([0, 100, 200, 400, 800, 1000, 1000])
  })
  it('tells a place where something else answers from an engine', async () => {
    const fake = await startFakeEngine({ 'GET /version': json({ hello: 'world' }) })
    const client = clientOf(fake.host)
    await holds(() => client.state.status === 'stopped')
    expect(client.state.error).toMatchObject({ code: 'ENGINE_FAILED' })
  })
  it('takes an engine that answers a ping for there, however long it takes to tell its version', async () => {
    const told = { Version: '4.3.1', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Podman Engine' }] }
    let tell: (() => void) | null = null
    const fake = await startFakeEngine({
      'GET /version': (request, response) => (tell = () => json(told)(request, response)),
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const client = clientOf(fake.host)
    await waitFor(() => expect(tell).not.toBeNull())
    vi.advanceTimersByTime(15_000)
    expect(client.state.status).toBe('connecting')
    ;(tell as (() => void) | null)?.()
    await waitFor(() => expect(client.state).toMatchObject({ status: 'connected', product: 'podman' }))
  })
  it('does not ask without end when events are refused, and still has the images', async () => {
    const fake = await startFakeEngine({ 'GET /events': json({ message: 'forbidden' }, 403) })
    const client = clientOf(fake.host)
    await holds(() => fake.requests.filter(({ line }) => line.startsWith('GET /events')).length >= 4)
    expect(client.state).toMatchObject({ status: 'connected', revision: 1 })
    expect(client.images).toMatchObject({ images: [], error: null })
    // 0 + 100 + 200 + 400 ms
    expect(fake.requests.filter(({ line }) => line.startsWith('GET /_ping')).length).toBeLessThan(7)
  })
  it('waits for the first look instead of failing, and tells the reason after it', async () => {
    const fake = await startFakeEngine({ 'GET /images/a:1/json': json(image) })
    expect(await clientOf(fake.host).imageIdOf('a:1')).toBe(digest)
    const nowhere = clientOf('unix:///nonexistent/engine.sock')
    await expect(nowhere.imageIdOf('a:1')).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
    const wrong = clientOf('fd://host.example')
    await expect(wrong.imageIdOf('a:1')).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
    expect(wrong.state).toMatchObject({ status: 'stopped', error: { code: 'ENGINE_FAILED' } })
  })
  it('goes where it is told, whatever DOCKER_HOST of this process says', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:2375')
    vi.stubEnv('DOCKER_PATH_PREFIX', '/elsewhere')
    onTestFinished(() => void vi.unstubAllEnvs())
    const fake = await startFakeEngine()
    const client = clientOf(fake.host)
    await holds(() => client.state.status === 'connected')
  })
  it('ends what waits for an engine that hangs, and has it again when it answers', async () => {
    let end = (): void => {}
    const fake = await startFakeEngine({
      'GET /events': (_request, response) => {
        response.writeHead(200).flushHeaders()
        end = () => response.end()
      },
      'GET /images/a:1/json': () => {},
    })
    const client = clientOf(fake.host)
    await holds(() => client.images.fetchedAt !== null)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const waiting: Promise<unknown> = client.imageIdOf('a:1').catch((error: unknown) => error)
    fake.answers['GET /_ping'] = () => {}
    end()
    let failure: unknown
    void waiting.then((error) => (failure = error))
    await later(() => failure !== undefined)
    expect(failure).toMatchObject({ code: 'ENGINE_LOST' })
    expect(client.state.status).toBe('stopped')

    fake.answers['GET /_ping'] = (_request, response) => response.end('OK')
    fake.answers['GET /images/a:1/json'] = json(image)
    await later(() => client.state.status === 'connected')
    expect(await client.imageIdOf('a:1')).toBe(digest)
  })
  it('leaves what waits alone where the engine was only slow for a while', async () => {
    let end = (): void => {}
    let answer = (): void => {}
    const fake = await startFakeEngine({
      'GET /events': (_request, response) => {
        response.writeHead(200).flushHeaders()
        end = () => response.end()
      },
      'GET /images/a:1/json': (request, response) => (answer = () => json(image)(request, response)),
    })
    const client = clientOf(fake.host)
    await holds(() => client.images.fetchedAt !== null)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const waiting = client.imageIdOf('a:1')
    fake.answers['GET /_ping'] = () => {}
    end()
    await later(() => client.state.status === 'stopped')
    fake.answers['GET /_ping'] = (_request, response) => response.end('OK')
    await later(() => client.state.status === 'connected')
    answer()
    expect(await waiting).toBe(digest)
  })
  it('is over once it is stopped', async () => {
    const fake = await startFakeEngine()
    const client = clientOf(fake.host)
    await holds(() => client.images.fetchedAt !== null)
    await client.stop()
    const asked = fake.requests.length
    expect(await client.refreshImages()).toMatchObject({ images: [] })
    await client.reconnect()
    expect(fake.requests).toHaveLength(asked)
  })
})

describe('the list of images', () => {
  it('reads what either engine leaves out or writes otherwise', async () => {
    const entry = { Size: 10, Created: 1_700_000_000 }
    const fake = await startFakeEngine({
      'GET /images/json': json([
        { ...entry, Id: hex, RepoTags: null, RepoDigests: null, Containers: 2 },
        { ...entry, Id: digest, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'], Containers: -1 },
        { ...entry, Id: digest, RepoTags: ['localhost/x:latest'], Created: 1_800_000_000 },
      ]),
    })
    const client = clientOf(fake.host)
    await holds(() => client.images.fetchedAt !== null)
    const common = { id: digest, repositoryDigests: [], size: 10 }
    expect(client.images.images).toEqual([
      { ...common, references: ['localhost/x:latest'], created: 1_800_000_000_000, containers: null },
      { ...common, references: [], created: 1_700_000_000_000, containers: 2 },
      { ...common, references: [], created: 1_700_000_000_000, containers: null },
    ])
  })
  it('keeps what it had when a refresh fails, and says why', async () => {
    const fake = await startFakeEngine({ 'GET /images/json': json([{ Id: digest, Size: 1, Created: 1 }]) })
    const client = clientOf(fake.host)
    await holds(() => client.images.images.length === 1)
    fake.answers['GET /images/json'] = json({ message: 'boom' }, 500)
    expect(await client.refreshImages()).toMatchObject({
      images: [{ id: digest }],
      error: { detail: 'boom' },
    })
    fake.answers['GET /images/json'] = json([{ nonsense: true }])
    expect((await client.refreshImages()).error).toMatchObject({ code: 'ENGINE_FAILED' })
  })
  it('is not announced again when nothing changed', async () => {
    const fake = await startFakeEngine()
    const client = clientOf(fake.host)
    await holds(() => client.images.fetchedAt !== null)
    const before = client.images
    await client.refreshImages()
    expect(client.images.revision).toBe(before.revision)
    expect(client.images.fetchedAt).toBeGreaterThanOrEqual(before.fetchedAt ?? 0)
  })
})

describe('a push', () => {
  const done = { aux: { Tag: 'v1', Digest: digest, Size: 1 } }
  it('sends the account as base64url, and no body', async () => {
    const fake = await saying(done)
    const auth = { username: 'dev', password: '~~~???>>>', serverAddress: 'r.example:5000' }
    await clientOf(fake.host).push(transferOf(reference, { auth }))
    const request = fake.requests.find(({ line }) => line.startsWith('POST'))
    expect(request?.line).toBe('POST /images/r.example:5000/t/app/push?tag=v1')
    const header = String(request?.headers['x-registry-auth'])
    expect(header).toMatch(/^[A-Za-z0-9_-]+=*$/)
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      ...{ username: 'dev', password: '~~~???>>>', serveraddress: 'r.example:5000' },
    })
    expect(request?.body).toBe('')
    expect(JSON.stringify(fake.requests.map(({ line }) => line))).not.toContain('~~~')
  })
  it('without an account still sends the header, which the engine demands', async () => {
    const fake = await saying(done)
    await clientOf(fake.host).push(transferOf(reference))
    expect(fake.requests.find(({ line }) => line.startsWith('POST'))?.headers['x-registry-auth']).toBe('e30=')
  })
  it('fails with an error in its stream, also after a digest', async () => {
    const fake = await saying(done, { errorDetail: { message: 'denied: no' }, error: 'denied: no' })
    const push = transferOf(reference)
    await expect(clientOf(fake.host).push(push)).rejects.toMatchObject({
      code: 'DENIED',
      context: { side: 'engine', host: 'r.example:5000', reference },
    })
    expect(push.lines).toContain('denied: no')
  })
  it.each([
    ['nothing', []],
    ['layers only', [{ id: 'abababababab', status: 'Pushed' }]],
    ['no digest', [{ aux: { Digest: 'sha256:short' } }]],
  ])('that ends with %s is no success', async (_what, messages) => {
    const fake = await saying(...messages)
    await expect(clientOf(fake.host).push(transferOf(reference))).rejects.toMatchObject({
      code: 'ENGINE_LOST',
    })
  })
  it('prints a layer’s line once for each status', async () => {
    const step = (current: number): object => ({
      ...{ id: 'abababababab', status: 'Pushing', progressDetail: { current, total: 5 } },
    })
    const fake = await saying(step(1), step(2), step(3), { id: 'abababababab', status: 'Pushed' }, done)
    const push = transferOf(reference)
    await clientOf(fake.host).push(push)
    expect(push.lines).toEqual(['abababababab: Pushing', 'abababababab: Pushed'])
  })
  it('says nothing back of the account that went with it, nor of the engine’s own token', async () => {
    const auth = { username: 'dev', password: 'p/a?s+s~~~w"ord', serverAddress: 'r.example:5000' }
    const pair = Buffer.from(`dev:${auth.password}`).toString('base64')
    const header = Buffer.from(JSON.stringify(auth)).toString('base64url')
    const token = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${pair.replace(/\W/g, '')}.c2lnbmF0dXJl`
    const message = `denied: sent ${pair} as ${JSON.stringify(auth)} in ${header} with ${token}`
    const fake = await saying({ id: 'x', status: message }, { errorDetail: { message }, error: message })
    const push = transferOf(reference, { auth })
    const error = await clientOf(fake.host).push(push).catch(toAppError)
    expect(error).toMatchObject({ code: 'DENIED', detail: expect.stringMatching(/^denied: sent /) as string })
    const told = JSON.stringify([error, push.lines])
    const secrets = [
      auth.password,
      JSON.stringify(auth.password).slice(1, -1),
      pair,
      header.slice(40, 60),
      token,
    ]
    for (const secret of secrets) expect(told).not.toContain(secret)
  })
  it('whose reference has no tag is refused before anything is asked', async () => {
    const fake = await saying(done)
    const push = clientOf(fake.host).push(transferOf('r.example:5000/t/app'))
    await expect(push).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect(fake.requests.some(({ line }) => line.startsWith('POST'))).toBe(false)
  })
})

describe('a pull', () => {
  const pull = async (...messages: object[]): Promise<{ digest: string | null; imageId: string }> => {
    const fake = await saying(...messages)
    return clientOf(fake.host).pull({ ...transferOf(reference), platform: null })
  }
  it('is done when the engine names the digest, or as Podman ends with the image’s ID', async () => {
    const result = { digest, imageId: digest }
    expect(await pull({ status: `Digest: ${digest}` }, { status: 'Status: Image is up to date' })).toEqual(
      result,
    )
    expect(await pull({ id: hex.slice(0, 12), status: 'Download complete' })).toEqual({
      ...result,
      digest: null,
    })
  })
  it('that ends without either is no success, though an older image has the name', async () => {
    await expect(pull()).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    await expect(pull({ id: 'cdcdcdcdcdcd', status: 'Download complete' })).rejects.toMatchObject({
      code: 'ENGINE_LOST',
    })
  })
  it('knows its total from layers that the caller knows', async () => {
    const fake = await saying({ status: `Digest: ${digest}` })
    const options = transferOf(reference)
    const layers = [{ digest: `sha256:${'cd'.repeat(32)}`, size: 70 }]
    await clientOf(fake.host).pull({ ...options, platform: 'linux/arm64', layers })
    expect(options.seen[0]).toMatchObject({ completed: 0, total: 70 })
    const asked = fake.requests.find(({ line }) => line.startsWith('POST'))
    expect(asked?.line).toBe(
      'POST /images/create?fromImage=r.example%3A5000%2Ft%2Fapp&tag=v1&platform=linux%2Farm64',
    )
  })
})
