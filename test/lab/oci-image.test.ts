import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { buildAttestation, buildImage, buildIndex, digestOf } from './oci-image'

const spec = { seed: 'a', format: 'oci' as const, layers: [{ size: 200_000, share: 0.5 }, { size: 10 }] }

describe('images made from nothing', () => {
  it('are the same for the same seed', () => {
    const digest = buildImage(spec).manifest.digest
    expect(buildImage(spec).manifest.digest).toBe(digest)
    expect(buildImage({ ...spec, seed: 'b' }).manifest.digest).not.toBe(digest)
  })

  it('name their layers by content, and compress as they should', () => {
    const { manifest, blobs } = buildImage(spec)
    const [config, layer] = blobs
    const parsed = JSON.parse(manifest.data.toString()) as { layers: { digest: string; size: number }[] }
    expect(parsed.layers[0]).toMatchObject({ digest: layer?.digest, size: layer?.data.length })
    const tar = gunzipSync(layer?.data ?? Buffer.alloc(0))
    const { rootfs } = JSON.parse(config?.data.toString() ?? '') as { rootfs: { diff_ids: string[] } }
    expect(rootfs.diff_ids[0]).toBe(digestOf(tar))
    expect((layer?.size ?? 0) / tar.length).toBeCloseTo(0.5, 1)
  })

  it('carry attestations that point to them', () => {
    const image = buildImage(spec)
    const index = buildIndex('oci', [image, buildAttestation(image)])
    const { manifests } = JSON.parse(index.manifest.data.toString()) as {
      manifests: { annotations?: Record<string, string> }[]
    }
    expect(manifests[1]?.annotations?.['vnd.docker.reference.digest']).toBe(image.manifest.digest)
  })
})
