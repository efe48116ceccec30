import type Dockerode from 'dockerode'
import { z } from 'zod'
import type { DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { DeploymentVersion } from '@shared/running'
import { decodeLabels, deploymentLabels } from '../model/labels'
import { asking } from './error'
import { type Role, roleOf } from './names'

/** A container of a deployment, as the engine's list has it. */
export interface Owned {
  id: string
  /** Without the slash in front. */
  name: string
  role: Role
  /** Counts from 1; 0 for a record. */
  instance: number
  version: number
  running: boolean
  imageId: string
}

/** What an engine has of one deployment. */
export interface Ours {
  id: string
  name: string
  /** The newest that is in force; what is half made does not count. */
  version: number
  /** Newest first; empty where the model is lost. */
  versions: DeploymentVersion[]
  spec: DeploymentSpec | null
  /** By number. */
  instances: Owned[]
  records: Owned[]
  /** What a change that was cut off has left. */
  halfMade: Owned[]
}

const Listed = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    ImageID: z.string().catch(''),
    Labels: z.record(z.string(), z.string()).nullish().catch(null),
    State: z.string().catch('unknown'),
  }),
)

/** What the engine has of a deployment; null where it has nothing of it that is in force or half made. */
export async function findOurs(docker: Dockerode, id: string): Promise<Ours | null> {
  const list = await asking({}, async () =>
    Listed.parse(
      await docker.listContainers({ all: true, filters: { label: [`${deploymentLabels.id}=${id}`] } }),
    ),
  )
  const found: { owned: Owned; versions: DeploymentVersion[]; deployment: string }[] = []
  for (const { Id, Names, ImageID, Labels, State } of list) {
    const labels = decodeLabels(Labels)
    if (labels?.id !== id) continue
    const name = (Names?.[0] ?? '').replace(/^\//, '')
    const role = labels.instance === null ? 'record' : roleOf(name)
    const running = State === 'running' || State === 'restarting' || State === 'paused'
    const owned = { id: Id, name, role, instance: labels.instance ?? 0, version: labels.version }
    found.push({
      owned: { ...owned, running, imageId: ImageID },
      versions: labels.versions,
      deployment: labels.name,
    })
  }
  if (found.length === 0) return null
  const inForce = found.filter(({ owned }) => owned.role === 'instance' || owned.role === 'record')
  const [newest] = [...(inForce.length > 0 ? inForce : found)].sort(
    (a, b) => b.owned.version - a.owned.version || b.versions.length - a.versions.length,
  )
  const of = (...roles: Role[]): Owned[] =>
    found
      .map(({ owned }) => owned)
      .filter(({ role }) => roles.includes(role))
      .sort((a, b) => a.instance - b.instance)
  return {
    id,
    name: newest?.deployment ?? '',
    version: newest?.owned.version ?? 1,
    versions: newest?.versions ?? [],
    spec: newest?.versions[0]?.spec ?? null,
    instances: of('instance'),
    records: of('record'),
    halfMade: of('next', 'trial'),
  }
}

/** As `findOurs`; DEPLOYMENT_UNKNOWN where there is none. */
export async function requireOurs(docker: Dockerode, id: string): Promise<Ours> {
  const ours = await findOurs(docker, id)
  if (!ours) throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: id })
  return ours
}
