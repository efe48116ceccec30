import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeploymentSpec } from '@shared/deployment'
import type { DeploymentVersion } from '@shared/running'
import {
  decodeLabels,
  deploymentLabels,
  encodeLabels,
  encodeTaskLabels,
} from '../../../../electron/deploy/model/labels'
import { anySpec, fullSpec } from './some-spec'

const versionOf = (version: number, spec: DeploymentSpec): DeploymentVersion => ({
  ...{ version, spec, at: 1_700_000_000_000, reason: 'change', digest: null },
})
/** Versions from `count` down to 1. */
const history = (
  count: number,
  specOf: (version: number) => DeploymentSpec,
): [DeploymentVersion, ...DeploymentVersion[]] => {
  const versions = Array.from({ length: count }, (_, index) =>
    versionOf(count - index, specOf(count - index)),
  )
  const [first, ...rest] = versions
  if (!first) throw new Error('no version')
  return [first, ...rest]
}

describe('labels', () => {
  it('tell any deployment again', () => {
    fc.assert(
      fc.property(anySpec, fc.integer({ min: 1, max: 999 }), (spec, version) => {
        const labels = encodeLabels({ id: 'd-1', versions: [versionOf(version, spec)], instance: 2 })
        expect(decodeLabels(labels)).toEqual({
          ...{ id: 'd-1', name: spec.name, version, instance: 2, versions: [versionOf(version, spec)] },
          secrets: spec.environment.filter(({ secret }) => secret).map(({ name }) => name),
        })
      }),
    )
  })

  it('never hold the value of a secret, even of a draft that has one', () => {
    const secret = randomBytes(12).toString('hex')
    const spec = fullSpec()
    spec.environment = [{ name: 'TOKEN', value: secret, secret: true }]
    const decoded = decodeLabels(encodeLabels({ id: 'd', versions: [versionOf(1, spec)] }))
    expect(decoded?.versions[0]?.spec.environment).toEqual([{ name: 'TOKEN', value: '', secret: true }])
    expect(decoded?.instance).toBeNull()
  })

  it('remember twenty versions', () => {
    const labels = encodeLabels({ id: 'd', versions: history(30, () => fullSpec()) })
    const versions = decodeLabels(labels)?.versions.map(({ version }) => version)
    expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => 30 - index))
  })

  it('keep a file that stays the same once', () => {
    const content = randomBytes(24_000).toString('hex')
    const file = { path: '/a', content, mode: '0644' }
    const labels = encodeLabels({ id: 'd', versions: history(20, () => ({ ...fullSpec(), files: [file] })) })
    expect(labels[deploymentLabels.model]?.length).toBeLessThan(50_000)
    expect(decodeLabels(labels)?.versions.at(-1)?.spec.files).toEqual([file])
  })

  it('let past versions go where they would not fit, and refuse what never fits', () => {
    const withFiles = (count: number): DeploymentSpec => ({
      ...fullSpec(),
      files: Array.from({ length: count }, (_, index) => ({
        ...{ path: `/${index}`, content: randomBytes(30_000).toString('hex'), mode: '0644' },
      })),
    })
    const labels = encodeLabels({ id: 'd', versions: history(20, () => withFiles(2)) })
    const kept = decodeLabels(labels)?.versions ?? []
    expect(kept[0]?.version).toBe(20)
    expect(kept.length).toBeLessThan(20)
    expect(labels[deploymentLabels.model]?.length).toBeLessThanOrEqual(384 * 1024)
    expect(() => encodeLabels({ id: 'd', versions: [versionOf(1, withFiles(40))] })).toThrow(
      expect.objectContaining({ code: 'DEPLOYMENT_INVALID' }),
    )
  })

  it('on tasks do not change with a version', () => {
    expect(encodeTaskLabels({ id: 'd', name: 'shop' })).toEqual({
      'io.slipway.deployment': 'd',
      'io.slipway.name': 'shop',
    })
  })
})

describe('labels of others', () => {
  const good = encodeLabels({ id: 'd', versions: [versionOf(2, fullSpec())], instance: 1 })
  const packed = (value: unknown): string => deflateSync(JSON.stringify(value)).toString('base64')

  it.each([[null], [{}], [{ 'com.example': 'x' }], [{ ...good, [deploymentLabels.id]: '../../x' }]])(
    'are none of ours: %j',
    (labels) => {
      expect(decodeLabels(labels)).toBeNull()
    },
  )

  it.each([
    ['missing', undefined],
    ['no base64', '%%%'],
    ['no JSON', deflateSync('nothing').toString('base64')],
    ['of another format', packed({ format: 2, texts: [], versions: [] })],
    ['of another deployment', packed({ format: 1, texts: [], versions: [{ spec: { files: [] } }] })],
    ['a bomb', deflateSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64')],
    [
      'of another version',
      encodeLabels({ id: 'd', versions: [versionOf(9, fullSpec())] })[deploymentLabels.model],
    ],
  ])('with a model that is %s still say who it is', (_, model) => {
    const labels = Object.fromEntries(
      Object.entries({ ...good, [deploymentLabels.model]: model ?? '' }).filter(([, value]) => value !== ''),
    )
    expect(decodeLabels(labels)).toEqual({
      ...{ id: 'd', name: 'shop', version: 2, instance: 1, versions: [], secrets: ['TOKEN'] },
    })
  })

  it('never make it throw', () => {
    const keys = fc.constantFrom(...Object.values(deploymentLabels))
    fc.assert(
      fc.property(fc.dictionary(keys, fc.string()), (labels) => {
        expect(() => decodeLabels({ ...good, ...labels })).not.toThrow()
      }),
    )
  })
})
