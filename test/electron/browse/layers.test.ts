import { describe, expect, it } from 'vitest'
import { Config, type Manifest } from '@shared/oci'
import { diffIdLayers, layerRows } from '../../../electron/browse/layers'
import { digestOf } from './fake-registry'

const layer = (name: string, size: number, urls?: string[]): Manifest['layers'][number] => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: digestOf(name),
  size,
  urls,
})
const manifest = (...layers: Manifest['layers']): Manifest => ({
  schemaVersion: 2,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('config'), size: 1 },
  layers,
})

describe('layerRows', () => {
  const history = [
    { created_by: '/bin/sh -c #(nop) ADD file:1 in / ', created: '2024-01-01T00:00:00Z' },
    { created_by: '/bin/sh -c #(nop)  CMD ["sh"]', empty_layer: true },
    { created_by: 'RUN /bin/sh -c make # buildkit' },
  ]

  it('joins layers with the history and keeps instructions that made no layer', () => {
    const rows = layerRows(manifest(layer('a', 10), layer('b', 20)), Config.parse({ history }))
    expect(rows).toMatchObject([
      { digest: digestOf('a'), size: 10, instruction: 'ADD file:1 /', created: Date.UTC(2024, 0, 1) },
      { digest: null, size: 0, mediaType: null, instruction: 'CMD ["sh"]' },
      { digest: digestOf('b'), size: 20, instruction: 'RUN make', created: null },
    ])
  })

  it.each([
    ['is missing', null],
    ['is too short', history.slice(0, 1)],
    ['is too long', [...history, { created_by: 'RUN more' }]],
  ])('shows layers without instructions where the history %s', (_what, entries) => {
    const rows = layerRows(manifest(layer('a', 10), layer('b', 20)), Config.parse({ history: entries }))
    expect(rows.map(({ digest, instruction }) => [digest, instruction])).toEqual([
      [digestOf('a'), null],
      [digestOf('b'), null],
    ])
  })

  it('tells foreign layers', () => {
    const rows = layerRows(manifest(layer('a', 10, ['https://example.com/layer'])), Config.parse({}))
    expect(rows).toMatchObject([{ foreign: true }])
  })
})

describe('diffIdLayers', () => {
  const rootfs = { type: 'layers', diff_ids: [digestOf('x'), digestOf('y')] }

  it('pairs each diff ID with its compressed layer', () => {
    expect(diffIdLayers(manifest(layer('a', 10), layer('b', 20)), Config.parse({ rootfs }))).toEqual([
      { diffId: digestOf('x'), digest: digestOf('a'), size: 10 },
      { diffId: digestOf('y'), digest: digestOf('b'), size: 20 },
    ])
  })

  it('pairs nothing where the numbers differ', () => {
    expect(diffIdLayers(manifest(layer('a', 10)), Config.parse({ rootfs }))).toEqual([])
    expect(diffIdLayers(manifest(layer('a', 10)), Config.parse({}))).toEqual([])
  })
})
