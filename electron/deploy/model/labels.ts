/**
 * The labels by which a deployment is found again, from any machine: who it is in plain labels, what was asked for in one
 * packed label. Read back they are hostile text: anyone with rights on the engine can write them.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { z } from 'zod'
import { DeploymentName, labelPrefix, type DeploymentSpec, type FileSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import { DeploymentVersion } from '@shared/running'

export const deploymentLabels = {
  id: `${labelPrefix}deployment`,
  name: `${labelPrefix}name`,
  version: `${labelPrefix}version`,
  instance: `${labelPrefix}instance`,
  /** Names of the secret variables, as JSON: without it a broken model would show their values. */
  secrets: `${labelPrefix}secrets`,
  model: `${labelPrefix}model`,
} as const

/** How many versions a deployment remembers. */
export const mostVersions = 20
// Swarm keeps a service in one raft message of at most 1.5 MiB; past versions give way before that.
const mostPacked = 384 * 1024
const mostPackedNewest = 768 * 1024
const mostUnpacked = 32 * 1024 * 1024

export interface DecodedLabels {
  id: string
  name: string
  version: number
  /** Counts from 1; null on a service. */
  instance: number | null
  /** Newest first. Empty where the model label is lost or broken: what runs is then known from the engine's inspect alone. */
  versions: DeploymentVersion[]
  /** Names of the variables whose values are secret. */
  secrets: string[]
}

// The same file in twenty versions is kept once: deflate's window is too short to see that.
const Packed = z.object({
  format: z.literal(1),
  texts: z.array(z.string()),
  versions: z
    .array(z.looseObject({ spec: z.looseObject({ files: z.array(z.looseObject({ content: z.number() })) }) }))
    .max(mostVersions),
})
type Packed = z.infer<typeof Packed>

/** A version without the value of any secret variable. */
function withoutSecrets(version: DeploymentVersion): DeploymentVersion {
  const environment = version.spec.environment.map((entry) =>
    entry.secret ? { ...entry, value: '' } : entry,
  )
  return { ...version, spec: { ...version.spec, environment } }
}

function pack(versions: readonly DeploymentVersion[]): string {
  const texts: string[] = []
  const indexes = new Map<string, number>()
  const keep = ({ content, ...rest }: FileSpec): Omit<FileSpec, 'content'> & { content: number } => {
    const known = indexes.get(content)
    const index = known ?? texts.push(content) - 1
    indexes.set(content, index)
    return { ...rest, content: index }
  }
  const packed: Packed = {
    format: 1,
    texts,
    versions: versions.map((version) => ({
      ...version,
      spec: { ...version.spec, files: version.spec.files.map(keep) },
    })),
  }
  return deflateSync(Buffer.from(JSON.stringify(packed)), { level: 9 }).toString('base64')
}

/** As many of the versions as fit, never fewer than the newest; DEPLOYMENT_INVALID where that alone is too large. */
function packBounded(versions: readonly DeploymentVersion[]): string {
  let kept = versions.slice(0, mostVersions).map(withoutSecrets)
  for (;;) {
    const text = pack(kept)
    if (text.length <= mostPacked) return text
    if (kept.length <= 1) {
      if (text.length <= mostPackedNewest) return text
      throw new AppError('DEPLOYMENT_INVALID', { side: 'pool', field: 'files' })
    }
    kept = kept.slice(0, Math.ceil(kept.length / 2))
  }
}

const secretNames = (spec: DeploymentSpec): string[] =>
  spec.environment.filter(({ secret }) => secret).map(({ name }) => name)

/**
 * All labels of ours for a container (`instance` from 1) or a service (without). `versions`: newest first, the first is what
 * runs; past ones give way where they would not fit. Holds no secret's value. DEPLOYMENT_INVALID where the newest is too large.
 */
export function encodeLabels(options: {
  id: string
  versions: readonly [DeploymentVersion, ...DeploymentVersion[]]
  instance?: number
}): Record<string, string> {
  const { id, versions, instance } = options
  const [newest] = versions
  const secrets = secretNames(newest.spec)
  return {
    [deploymentLabels.id]: id,
    [deploymentLabels.name]: newest.spec.name,
    [deploymentLabels.version]: String(newest.version),
    ...(instance !== undefined && { [deploymentLabels.instance]: String(instance) }),
    ...(secrets.length > 0 && { [deploymentLabels.secrets]: JSON.stringify(secrets) }),
    [deploymentLabels.model]: packBounded(versions),
  }
}

/**
 * Labels for a swarm's tasks: who they are, and nothing that changes with a version, since a new label on the task would
 * replace every task.
 */
export function encodeTaskLabels(options: { id: string; name: string }): Record<string, string> {
  return { [deploymentLabels.id]: options.id, [deploymentLabels.name]: options.name }
}

function unpack(text: string | undefined): DeploymentVersion[] {
  if (text === undefined || text.length > mostPackedNewest) return []
  let json: unknown
  try {
    const bytes = inflateSync(Buffer.from(text, 'base64'), { maxOutputLength: mostUnpacked })
    json = JSON.parse(bytes.toString('utf8'))
  } catch {
    // Broken or forged: the deployment is shown from what the engine says of it.
    return []
  }
  const packed = Packed.safeParse(json)
  if (!packed.success) return []
  const { texts, versions } = packed.data
  return versions.flatMap((version) => {
    const files = version.spec.files.map((file) => ({ ...file, content: texts[file.content] }))
    const parsed = DeploymentVersion.safeParse({ ...version, spec: { ...version.spec, files } })
    return parsed.success ? [parsed.data] : []
  })
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null
}

function namesOf(text: string | undefined): string[] {
  if (text === undefined || text.length > 1_000_000) return []
  try {
    const parsed = z.array(z.string()).max(2000).safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : []
  } catch {
    return []
  }
}

/** Who a container or service is, by its labels; null: none of ours. Never throws. */
export function decodeLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
): DecodedLabels | null {
  const id = labels?.[deploymentLabels.id]
  const name = DeploymentName.safeParse(labels?.[deploymentLabels.name])
  if (!labels || id === undefined || !/^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/.test(id) || !name.success)
    return null
  const version = numberOf(labels[deploymentLabels.version]) ?? 1
  // A model of another version than the label's was put there by someone else.
  const versions = unpack(labels[deploymentLabels.model]).sort((a, b) => b.version - a.version)
  const whole = versions[0]?.version === version && versions[0].spec.name === name.data
  return {
    id,
    name: name.data,
    version,
    instance: numberOf(labels[deploymentLabels.instance]),
    versions: whole ? versions : [],
    secrets: namesOf(labels[deploymentLabels.secrets]),
  }
}
