import { chmodSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { startEngine, type Engine } from '../../lab/engine'
import { importImage } from '../../lab/machine-image'
import { startSshServer, type SshServer } from '../../lab/ssh-server'
import { temporaryFolder } from '../../lab/temporary'
import { clientOf, hasReference, holds } from './lab-engine'

let engine: Engine
let server: SshServer
beforeAll(async () => {
  engine = await startEngine()
  server = await startSshServer({ environment: { DOCKER_HOST: engine.host } })
})
afterAll(async () => {
  await server?.stop()
  await engine?.stop()
})

/** Puts an ssh first in the path that has the server's key and knows its host, as the user's own configuration would. */
function configure(): void {
  const folder = temporaryFolder('ssh-path')
  writeFileSync(folder.join('ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${server.configs.right} "$@"\n`)
  chmodSync(folder.join('ssh'), 0o755)
  vi.stubEnv('PATH', `${folder.path}:${process.env.PATH}`)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    folder.remove()
  })
}

it('the engine may be behind ssh: its images are listed, and a change is heard of', async () => {
  configure()
  const client = clientOf(server.host)
  await holds(() => client.state.status === 'connected', 30_000)
  await importImage(engine.host, 'heard:1')
  await holds(() => hasReference(client.images, 'heard:1'), 30_000)
  expect(await client.imageIdOf('heard:1')).toMatch(/^sha256:/)
  await client.removeReference('heard:1')
  await holds(() => !hasReference(client.images, 'heard:1'), 30_000)
  await engine.halt()
  await holds(() => client.state.status === 'stopped', 30_000)
  await engine.start()
  await holds(() => client.state.status === 'connected', 60_000)
})
