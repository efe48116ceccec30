import { archives } from './archives'
import { contract } from './contract'
import { descriptions } from './descriptions'
import { engine } from './engine'
import { files } from './files'
import { headers } from './headers'
import { manifests } from './manifests'
import { names } from './names'
import { streams } from './streams'
import type { Surface } from './surface'

/** Everything that reads what others wrote. */
export const surfaces: Record<string, () => Surface | Promise<Surface>> = {
  ...{ names, headers, manifests, archives, streams, engine, descriptions, files, contract },
}
