import type { ImageConfig } from '@shared/browse'
import { emptySpec, type DeploymentImage, type DeploymentSpec } from '@shared/deployment'
import { parseReference } from '@shared/reference'
import { isImageId } from '../engine/image-name'
import { accessOf, parsePortKey } from './model/ports'
import { nameFrom, repaired } from './model/repair'

/** The last part of an image's name, without its tag: `shop` of `host/team/shop:1.2`; nothing of an image ID. */
function lastPart(image: DeploymentImage): string {
  if (isImageId(image.reference)) return ''
  const repository = image.repository ?? parseReference(image.reference)?.repository ?? image.reference
  return repository.split('/').at(-1) ?? repository
}

/** A name for each path that no other has: `shop-data`, `shop-data-2`. */
function volumeNames(name: string, paths: readonly string[]): string[] {
  const taken = new Set<string>()
  return paths.map((path) => {
    const last = path.split('/').filter(Boolean).at(-1) ?? ''
    const base = `${name}-${nameFrom(last)}`
    let number = 1
    const candidate = (): string => (number === 1 ? base : `${base}-${number}`)
    while (taken.has(candidate())) number += 1
    taken.add(candidate())
    return candidate()
  })
}

/**
 * A form filled from what an image says of itself: a name, its ports (on host ports that the engine chooses), a named volume for
 * each folder that it wants kept. Its variables, command, user and health check stay the image's own. `config` null: unknown.
 */
export function prefill(image: DeploymentImage, config: ImageConfig | null): DeploymentSpec {
  const name = nameFrom(lastPart(image))
  const spec = emptySpec(image, name)
  if (!config) return spec
  const ports = config.ports.flatMap((text) => parsePortKey(text) ?? [])
  const paths = [...new Set(config.volumes.map((path) => path.replace(/(?<=.)\/+$/, '')))]
  const names = volumeNames(name, paths)
  return repaired({
    ...spec,
    ports: ports.map(({ container, protocol }) => ({
      ...{ container, protocol, host: null },
      scope: 'all',
      access: accessOf(container, protocol),
    })),
    volumes: paths.map((path, index) => ({
      kind: 'volume',
      name: names[index] ?? null,
      path,
      readOnly: false,
    })),
  })
}
