import type { LayerRow } from '@shared/browse'
import type { Config, Descriptor, Manifest } from '@shared/oci'
import { parseDate } from './date'
import { instructionOf } from './instruction'

type History = NonNullable<NonNullable<Config['history']>[number]>

const rowOf = (layer: Descriptor, entry: History | null): LayerRow => ({
  digest: layer.digest,
  size: layer.size,
  mediaType: layer.mediaType,
  instruction: instructionOf(entry?.created_by),
  created: parseDate(entry?.created),
  foreign: (layer.urls?.length ?? 0) > 0,
})

/**
 * A manifest's layers, base first, joined with the config's history: an entry that made no layer is a row with a null
 * digest and size 0. A history that does not fit the layers is left out rather than shown at the wrong ones.
 */
export function layerRows(manifest: Manifest, config: Config): LayerRow[] {
  const history = config.history ?? []
  const making = history.filter((entry) => entry.empty_layer !== true)
  if (making.length !== manifest.layers.length) return manifest.layers.map((layer) => rowOf(layer, null))
  let next = 0
  return history.flatMap((entry) => {
    const layer = entry.empty_layer === true ? undefined : manifest.layers[next++]
    if (layer) return [rowOf(layer, entry)]
    return [
      {
        digest: null,
        size: 0,
        mediaType: null,
        instruction: instructionOf(entry.created_by),
        created: parseDate(entry.created),
        foreign: false,
      },
    ]
  })
}

/** Pairs `rootfs.diff_ids` with the manifest's layers (both base first); empty where they do not fit. */
export function diffIdLayers(
  manifest: Manifest,
  config: Config,
): { diffId: string; digest: string; size: number }[] {
  const diffIds = config.rootfs?.diff_ids ?? []
  if (diffIds.length !== manifest.layers.length) return []
  return manifest.layers.flatMap((layer, index) => {
    const diffId = diffIds[index]
    return diffId === undefined ? [] : [{ diffId, digest: layer.digest, size: layer.size }]
  })
}
