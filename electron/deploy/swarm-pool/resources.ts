/** Configurations (files) and networks that a deployment needs beside its service. */
import { createHash } from 'node:crypto'
import type { DeploymentSpec } from '@shared/deployment'
import type { AppError } from '@shared/error'
import { deploymentLabels } from '../model/labels'
import type { SwarmApi } from './api'
import type { Service } from './objects'

/** One call for cleaning up may take this long whatever the user cancelled. */
const uncancelled = (): AbortSignal => new AbortController().signal

export interface Prepared {
  /** One for each of the spec's files, in their order. */
  configs: { id: string; name: string }[]
  /** Takes away what was made here; nothing that was there before. */
  undo(): Promise<void>
}

const labelsFor = (id: string, name: string): Record<string, string> => ({
  [deploymentLabels.id]: id,
  [deploymentLabels.name]: name,
})

/**
 * Makes what is missing. A configuration cannot be changed, so its name carries its content's hash: the same file in the next
 * version is the same configuration.
 */
export async function prepareResources(
  api: SwarmApi,
  id: string,
  spec: DeploymentSpec,
  { signal, log }: { signal: AbortSignal; log: (line: string) => void },
): Promise<Prepared> {
  const made: { what: string; remove: () => Promise<void> }[] = []
  const undo = async (): Promise<void> => {
    for (const { what, remove } of made.splice(0).reverse()) {
      await remove().catch((error: AppError) => log(`${what} stays: ${error.detail ?? error.code}`))
    }
  }
  try {
    const networks = spec.networks.length > 0 ? await api.networks(signal) : []
    for (const name of spec.networks) {
      if (networks.some((network) => network.name === name)) continue
      const networkId = await api.createNetwork(name, labelsFor(id, spec.name), signal)
      log(`network ${name}: created`)
      made.push({ what: `network ${name}`, remove: () => api.removeNetwork(networkId, uncancelled()) })
    }
    const there = spec.files.length > 0 ? await api.configs(id, signal) : []
    const configs: Prepared['configs'] = []
    for (const { path, content } of spec.files) {
      const data = Buffer.from(content, 'utf8')
      const name = configName(id, path, data)
      const known = there.find((config) => config.name === name)
      if (known) {
        configs.push({ id: known.id, name })
        continue
      }
      const configId = await api.createConfig({ name, data, labels: labelsFor(id, spec.name) }, signal)
      log(`configuration ${name} for ${path}: created`)
      there.push({ id: configId, name, labels: {}, scope: null })
      made.push({ what: `configuration ${name}`, remove: () => api.removeConfig(configId, uncancelled()) })
      configs.push({ id: configId, name })
    }
    return { configs, undo }
  } catch (error) {
    await undo()
    throw error
  }
}

/** At most 64 characters, as a swarm wants it. The deployment's id is in it: another's configurations are never ours. */
function configName(id: string, path: string, data: Buffer): string {
  const hash = createHash('sha256')
    .update(id)
    .update('\0')
    .update(path)
    .update('\0')
    .update(data)
    .digest('hex')
  return `slipway-${hash.slice(0, 40)}`
}

/** Takes away configurations of a deployment that its service does not use, nor would use if it were rolled back. */
export async function removeUnused(
  api: SwarmApi,
  id: string,
  service: Service | null,
  log: (line: string) => void,
): Promise<void> {
  const used = new Set([...configsIn(service?.Spec), ...configsIn(service?.PreviousSpec)])
  for (const config of await api.configs(id, uncancelled())) {
    if (used.has(config.id)) continue
    await api
      .removeConfig(config.id, uncancelled())
      .catch((error: AppError) => log(`configuration ${config.name} stays: ${error.detail ?? error.code}`))
  }
}

/** Takes away networks that were made for a deployment; one that others use by now stays. */
export async function removeNetworks(api: SwarmApi, id: string, log: (line: string) => void): Promise<void> {
  for (const network of await api.networks(uncancelled())) {
    if (network.labels?.[deploymentLabels.id] !== id) continue
    await api
      .removeNetwork(network.id, uncancelled())
      .catch((error: AppError) => log(`network ${network.name} stays: ${error.detail ?? error.code}`))
  }
}

function configsIn(spec: Service['Spec'] | null | undefined): string[] {
  const template = spec?.TaskTemplate
  const configs = template && 'ContainerSpec' in template ? template.ContainerSpec?.Configs : null
  return (configs ?? []).flatMap(({ ConfigID }) => (ConfigID ? [ConfigID] : []))
}
