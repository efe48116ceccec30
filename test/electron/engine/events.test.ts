import Dockerode from 'dockerode'
import { expect, it, vi } from 'vitest'
import { followEvents } from '../../../electron/engine/events'
import { silentLog } from '../../../electron/log'
import { startFakeEngine, type FakeEngine } from './fake-engine'
import { waitFor } from '../../support/wait'

const socketOf = (engine: FakeEngine): Dockerode =>
  new Dockerode({ socketPath: engine.host.slice('unix://'.length) })

it('an engine that hangs is given up after a heartbeat', async () => {
  const fake = await startFakeEngine()
  const options = { signal: new AbortController().signal, onImages: () => {}, log: silentLog }
  const following = followEvents(socketOf(fake), { ...options, heartbeat: 50 })
  let ended = false
  void following.then(() => (ended = true))
  const pings = (): number => fake.requests.filter(({ line }) => line === 'GET /_ping').length
  await waitFor(() => expect(pings()).toBeGreaterThan(3), { timeout: 18_000 })
  expect(ended).toBe(false)
  fake.answers['GET /_ping'] = () => {}
  await following
})

it('images are listed when listening begins, at events about images, and not at others', async () => {
  let say = (_event: object): void => {}
  const fake = await startFakeEngine({
    'GET /events': (_request, response) => {
      response.writeHead(200).flushHeaders()
      say = (event) => response.write(JSON.stringify(event))
    },
  })
  const onImages = vi.fn()
  const stop = new AbortController()
  const following = followEvents(socketOf(fake), { signal: stop.signal, onImages, log: silentLog })
  await waitFor(() => expect(onImages).toHaveBeenCalledTimes(1))
  say({ Type: 'container', Action: 'start' })
  say({ Type: 'image', Action: 'tag' })
  await waitFor(() => expect(onImages).toHaveBeenCalledTimes(2))
  stop.abort()
  await following
  expect(fake.requests[0]?.line).toBe('GET /events?filters=%7B%22type%22%3A%5B%22image%22%5D%7D')
})

it('an engine that sends no header before its first event (Podman) is listed once more after a second', async () => {
  const fake = await startFakeEngine({ 'GET /events': () => {} })
  const onImages = vi.fn()
  const stop = new AbortController()
  const following = followEvents(socketOf(fake), { signal: stop.signal, onImages, log: silentLog })
  await waitFor(() => expect(onImages).toHaveBeenCalledTimes(1))
  stop.abort()
  await following
})
