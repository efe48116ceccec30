/** The same jobs with Podman as engine, at a registry without accounts over plain http. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Registry as RegistrySetting } from '@shared/registry'
import { importImage } from '../../lab/machine-image'
import { startPodman, type Podman } from '../../lab/podman'
import { startRegistry, type Registry } from '../../lab/registry'
import { Program, repository } from './program'

const image = 'localhost/app:1'
let registry: Registry
let podman: Podman
let folder: string
let program: Program
let setting: RegistrySetting

beforeAll(async () => {
  registry = await startRegistry()
  podman = await startPodman({ insecureRegistries: [registry.host] })
  await importImage(podman.host, image)
  folder = mkdtempSync(join(tmpdir(), 'jobs-podman-'))
  program = new Program(folder, podman.host)
  await program.connected()
  setting = await program.add(registry)
})

afterAll(async () => {
  await program.stop()
  await Promise.all([podman.stop(), registry.stop()])
  rmSync(folder, { recursive: true })
})

it('pushes, has nothing to push again, pulls back, and leaves no name behind', async () => {
  const { engine } = program
  const name = `${registry.host}/${repository}:v1`
  const request = await program.pushOf(setting.id, image, 'v1')
  const pushed = await program.run(request)
  expect(pushed).toMatchObject({ state: 'succeeded', error: null })
  const digest = await program.digestAt(setting.id, 'v1')
  expect(pushed.result).toEqual({ digest, references: [name] })
  expect((await engine.inspectImage(image)).references).toEqual([image])

  expect(await program.run(request)).toMatchObject({ state: 'succeeded', result: { digest } })

  await engine.removeReference(request.imageId)
  expect(await engine.imageIdOf(image)).toBeNull()
  const place = { kind: 'pull', registryId: setting.id, repository, platform: null } as const
  expect(await program.run({ ...place, reference: 'v1' })).toMatchObject({
    state: 'succeeded',
    result: { digest },
  })
  expect(await engine.imageIdOf(name)).toBe(request.imageId)
  const byDigest = await program.run({ ...place, reference: digest ?? '' })
  expect(byDigest).toMatchObject({ state: 'succeeded', result: { digest } })
})

it('does not cover a tag without consent', async () => {
  await importImage(podman.host, 'localhost/app:2')
  const digest = await program.digestAt(setting.id, 'v1')
  const refused = await program.run(await program.pushOf(setting.id, 'localhost/app:2', 'v1'))
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'TAG_EXISTS', context: { digest } } })
  expect(await program.digestAt(setting.id, 'v1')).toBe(digest)
})
