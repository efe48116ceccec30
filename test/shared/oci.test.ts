import { describe, expect, it } from 'vitest'
import { Config, Descriptor, formatPlatform, Index, kindOfManifest, Manifest, mediaTypes } from '@shared/oci'

const digest = `sha256:${'0'.repeat(64)}`
const descriptor = (mediaType: string) => ({ mediaType, digest, size: 1 })
const manifest = (config: string, change: object = {}) =>
  Manifest.parse({ schemaVersion: 2, config: descriptor(config), layers: [], ...change })

describe('hostile input', () => {
  it.each([
    { ...descriptor('x'), digest: 'sha256:../../etc' },
    { ...descriptor('x'), size: -1 },
    { ...descriptor('x'), size: 1.5 },
    { ...descriptor('x'), size: '1' },
  ])('refuses the descriptor %j', (value) => expect(Descriptor.safeParse(value).success).toBe(false))

  it('takes what Go writes as null for absent', () => {
    expect(Config.safeParse({ config: { Env: null, Cmd: null, Labels: null }, history: null }).success).toBe(
      true,
    )
    expect(Index.safeParse({ schemaVersion: 2, manifests: [], annotations: null }).success).toBe(true)
  })
  it('takes an entry point that is one text', () => {
    expect(Config.parse({ config: { Entrypoint: '/run' } }).config?.Entrypoint).toEqual(['/run'])
  })
  it('cuts a text that is too long, and keeps the image readable', () => {
    const { config, author } = Config.parse({
      author: 'x'.repeat(1e6),
      config: { Labels: { long: 'x'.repeat(1e6) } },
    })
    expect([author?.length, config?.Labels?.long?.length]).toEqual([65_536, 65_536])
  })
  it.each([
    { Env: ['A='] },
    { Cmd: ['x'] },
    { Cmd: 'x' },
    { Entrypoint: ['x'] },
    { User: 'x' },
    { WorkingDir: '/' },
    { Shell: ['x'] },
    { Volumes: { x: {} } },
    { Healthcheck: { Test: ['x'] } },
  ])('refuses what a container is started with rather than cut it: %j', (config) => {
    const lengthened = (length: number): unknown =>
      JSON.parse(JSON.stringify({ config }).replace(/(A=|"x|\/)(?=")/, (end) => end + 'x'.repeat(length)))
    expect(Config.safeParse(lengthened(65_000)).success).toBe(true)
    expect(Config.safeParse(lengthened(66_000)).success).toBe(false)
  })
  it('leaves prototypes alone', () => {
    Config.parse(JSON.parse('{"config":{"Labels":{"__proto__":"x"}},"__proto__":{"polluted":true}}'))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

it('tells what a manifest is', () => {
  expect(kindOfManifest(manifest(mediaTypes.ociConfig))).toBe('image')
  expect(kindOfManifest(manifest(mediaTypes.dockerConfig))).toBe('image')
  expect(kindOfManifest(manifest('application/vnd.cncf.helm.config.v1+json'))).toBe('artifact')
  expect(kindOfManifest(manifest(mediaTypes.ociEmpty, { artifactType: 'application/x' }))).toBe('artifact')
  expect(
    kindOfManifest(manifest(mediaTypes.ociConfig, { layers: [descriptor('application/vnd.in-toto+json')] })),
  ).toBe('attestation')
})

it('writes platforms', () => {
  expect(formatPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' })).toBe('linux/arm64/v8')
  expect(formatPlatform({ os: 'linux', architecture: 'amd64' })).toBe('linux/amd64')
})
