import type { DeploymentVersion } from '@shared/running'
import type { PoolConnection } from '../driver'
import { decodeLabels, deploymentLabels } from '../model/labels'
import type { Identity } from './listing'

const mostKept = 500

/** Models by their packed text: unpacking and checking one takes milliseconds, and lists are read at every event. */
const kept = new WeakMap<PoolConnection, Map<string, DeploymentVersion[]>>()

/** A swarm's tasks carry the labels of their service; they are that pool's, not this engine's. */
export const isSwarmTask = (labels: Readonly<Record<string, string>>): boolean =>
  'com.docker.swarm.service.id' in labels

/** Who a container is by its plain labels; null: none of this engine's deployments. */
export function identityOf(labels: Readonly<Record<string, string>> | null | undefined): Identity | null {
  if (!labels?.[deploymentLabels.id] || isSwarmTask(labels)) return null
  const { [deploymentLabels.model]: _packed, ...plain } = labels
  return decodeLabels(plain)
}

/** The versions in a container's labels, newest first; empty where the model is lost. */
export function versionsOf(
  connection: PoolConnection,
  labels: Readonly<Record<string, string>>,
): DeploymentVersion[] {
  const packed = labels[deploymentLabels.model]
  if (packed === undefined) return []
  const known = kept.get(connection) ?? new Map<string, DeploymentVersion[]>()
  kept.set(connection, known)
  const key = `${labels[deploymentLabels.version]} ${labels[deploymentLabels.name]} ${packed}`
  const before = known.get(key)
  if (before) return before
  const versions = decodeLabels(labels)?.versions ?? []
  if (known.size >= mostKept) known.clear()
  known.set(key, versions)
  return versions
}
