/**
 * One deployment model, used by the form, the description file and every pool. Sizes in bytes, times in seconds, CPU in cores.
 * Long because it is one thing: every field, and every rule between fields.
 */
import { z } from 'zod'
import { isDigest, isRepository, isTag } from './reference'

/** Every way in which a field can be wrong; the window has words for each. */
export const specProblems = [
  'required',
  'too-long',
  'number',
  'whole-number',
  'range',
  'name',
  'image',
  'port',
  'port-twice',
  'host-port-twice',
  'host-port-instances',
  'environment-name',
  'environment-twice',
  'path',
  'path-twice',
  'volume',
  'reservation',
  'label',
  'label-reserved',
  'network',
  'file-size',
  'platform',
  'health',
  'retries',
  'user',
  'control-character',
  'secret-value',
] as const
export type SpecProblem = (typeof specProblems)[number]

const wrong = (problem: SpecProblem): string => problem
// NUL ends a text for the kernel: what follows would be silently cut.
const plain = (limit: number): z.ZodString =>
  z
    .string()
    .max(limit, wrong('too-long'))
    .regex(/^[^\0]*$/, wrong('control-character'))
const whole = (least: number, most: number): z.ZodNumber =>
  z.number(wrong('number')).int(wrong('whole-number')).min(least, wrong('range')).max(most, wrong('range'))
const Bytes = whole(1, Number.MAX_SAFE_INTEGER)
const AbsolutePath = plain(4096).regex(/^\/[^\0\n]*$/, wrong('path'))
/** Not the root itself. */
const MountPath = AbsolutePath.regex(/[^/]/, wrong('path'))
const Argument = plain(65_536)

/** Names of containers, services, volumes and networks share this shape; as a DNS label it serves for a host name too. */
export const DeploymentName = z
  .string()
  .min(1, wrong('required'))
  .max(50, wrong('too-long'))
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, wrong('name'))

/**
 * What runs. `reference` in full (`host/repository:tag`, or a local name); `digest` pins it, null: what the tag names at the time.
 * `delivery`: the pool's engine pulls it itself; or it is sent from here into the engine; or it is there already.
 */
export const DeploymentImage = z.object({
  reference: z
    .string()
    .min(1, wrong('required'))
    .max(1000, wrong('too-long'))
    .regex(/^[^\s\0]+$/, wrong('image')),
  digest: z.string().refine(isDigest, wrong('image')).nullable(),
  /** The registry of Slipway's list that it comes from, for its account; null: none of them. */
  registryId: z.string().max(100).nullable(),
  repository: z.string().refine(isRepository, wrong('image')).nullable(),
  tag: z.string().refine(isTag, wrong('image')).nullable(),
  delivery: z.enum(['pull', 'send', 'present']),
})
export type DeploymentImage = z.infer<typeof DeploymentImage>

export const PortSpec = z.object({
  container: whole(1, 65_535),
  /** Null: the engine takes a free one. */
  host: whole(1, 65_535).nullable(),
  protocol: z.enum(['tcp', 'udp']),
  /** `all`: every address of the host; `local`: the host itself only. */
  scope: z.enum(['all', 'local']),
  /** How a client speaks to it: `http` opens in the browser. */
  access: z.enum(['http', 'https', 'tcp']),
})
export type PortSpec = z.infer<typeof PortSpec>

export const EnvironmentSpec = z.object({
  name: z
    .string()
    .min(1, wrong('required'))
    .max(1000, wrong('too-long'))
    .regex(/^[^=\0\s]+$/, wrong('environment-name')),
  /** Always empty where `secret`: the value is in the keychain and goes to the engine only. */
  value: plain(131_072),
  secret: z.boolean(),
})
export type EnvironmentSpec = z.infer<typeof EnvironmentSpec>

export const VolumeSpec = z.discriminatedUnion('kind', [
  /** `name` null: an anonymous volume that goes with the deployment. */
  z.object({
    kind: z.literal('volume'),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/, wrong('volume'))
      .nullable(),
    path: MountPath,
    readOnly: z.boolean(),
  }),
  z.object({ kind: z.literal('folder'), source: AbsolutePath, path: MountPath, readOnly: z.boolean() }),
])
export type VolumeSpec = z.infer<typeof VolumeSpec>

const Timing = {
  /** Failures do not count before this. */
  startSeconds: z.number(wrong('number')).min(0, wrong('range')).max(86_400, wrong('range')),
  intervalSeconds: z.number(wrong('number')).min(0.1, wrong('range')).max(86_400, wrong('range')),
  timeoutSeconds: z.number(wrong('number')).min(0.1, wrong('range')).max(86_400, wrong('range')),
  retries: whole(1, 1000),
}

/** `image`: as the image says; `command`: run in the container by its shell; `http` and `tcp` are asked inside the container. */
export const HealthSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('image') }),
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('command'), command: Argument.min(1, wrong('required')), ...Timing }),
  z.object({
    kind: z.literal('http'),
    port: whole(1, 65_535),
    path: plain(2000).regex(/^\/[^\s]*$/, wrong('path')),
    ...Timing,
  }),
  z.object({ kind: z.literal('tcp'), port: whole(1, 65_535), ...Timing }),
])
export type HealthSpec = z.infer<typeof HealthSpec>

/** The limit for one configuration file: it travels in the deployment's labels, so that it is found again from anywhere. */
export const fileLimit = 64 * 1024

export const FileSpec = z.object({
  /** Of a file: no slash at its end. */
  path: AbsolutePath.regex(/[^/]$/, wrong('path')),
  content: z.string().max(fileLimit, wrong('file-size')),
  /** Octal text, `0644`. */
  mode: z.string().regex(/^0?[0-7]{3}$/, wrong('range')),
})
export type FileSpec = z.infer<typeof FileSpec>

export const RestartSpec = z.object({
  policy: z.enum(['no', 'on-failure', 'always', 'unless-stopped']),
  retries: whole(0, 1_000_000).nullable(),
})

const fields = {
  name: DeploymentName,
  image: DeploymentImage,
  /** `linux/arm64/v8`; null: the pool's own. */
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/, wrong('platform'))
    .nullable(),
  instances: whole(0, 1000),
  ports: z.array(PortSpec).max(200),
  cpu: z.object({
    limit: z.number(wrong('number')).min(0.01, wrong('range')).max(10_000, wrong('range')).nullable(),
    reservation: z.number(wrong('number')).min(0.01, wrong('range')).max(10_000, wrong('range')).nullable(),
    /** Share of a busy CPU against other containers; docker's default is 1024. */
    weight: whole(2, 262_144).nullable(),
  }),
  memory: z.object({
    limit: Bytes.min(6 * 1024 * 1024, wrong('range')).nullable(),
    reservation: Bytes.nullable(),
  }),
  diskBytes: Bytes.nullable(),
  environment: z.array(EnvironmentSpec).max(2000),
  volumes: z.array(VolumeSpec).max(200),
  /** Null or empty: the image's own; none where the entry point is given, as with docker. */
  command: z.array(Argument).max(1000).nullable(),
  /** Null or empty: the image's own. */
  entrypoint: z.array(Argument).max(1000).nullable(),
  /** Run by /bin/sh in the container before its command; a failure keeps it from starting. */
  beforeStart: Argument.nullable(),
  /** Run by /bin/sh in the running container before Slipway stops it. */
  beforeStop: Argument.nullable(),
  user: plain(200)
    .regex(/^[^\s]+$/, wrong('user'))
    .nullable(),
  workingFolder: AbsolutePath.nullable(),
  restart: RestartSpec,
  health: HealthSpec,
  /** Seconds between the request to stop and the kill; null: the engine's 10. */
  stopSeconds: whole(0, 86_400).nullable(),
  labels: z.record(z.string().min(1, wrong('required')).max(1000, wrong('too-long')), plain(65_536)),
  networks: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/, wrong('network'))).max(50),
  files: z.array(FileSpec).max(50),
  /** A port for a debugger, published on the host itself only. */
  debugPort: z.object({ container: whole(1, 65_535), host: whole(1, 65_535).nullable() }).nullable(),
}

/** Labels of ours: by them a deployment is found again, from any machine. */
export const labelPrefix = 'io.slipway.'

export const DeploymentSpec = z.object(fields).superRefine((spec, context) => {
  const problem = (path: (string | number)[], message: SpecProblem): void =>
    context.addIssue({ code: 'custom', path, message })
  const twice = <T>(
    items: readonly T[],
    keyOf: (item: T) => string | null,
    path: (index: number) => (string | number)[],
    message: SpecProblem,
  ): void => {
    const seen = new Set<string>()
    for (const [index, item] of items.entries()) {
      const key = keyOf(item)
      if (key === null) continue
      if (seen.has(key)) problem(path(index), message)
      seen.add(key)
    }
  }
  twice(
    spec.ports,
    (port) => `${port.container}/${port.protocol}`,
    (index) => ['ports', index, 'container'],
    'port-twice',
  )
  twice(
    [...spec.ports, ...(spec.debugPort ? [{ ...spec.debugPort, protocol: 'tcp' }] : [])],
    (port) => (port.host === null ? null : `${port.host}/${port.protocol}`),
    (index) => (index < spec.ports.length ? ['ports', index, 'host'] : ['debugPort', 'host']),
    'host-port-twice',
  )
  twice(
    spec.environment,
    ({ name }) => name,
    (index) => ['environment', index, 'name'],
    'environment-twice',
  )
  twice(
    [...spec.volumes.map(({ path }) => path), ...spec.files.map(({ path }) => path)],
    (path) => path.replace(/\/+$/, ''),
    (index) =>
      index < spec.volumes.length
        ? ['volumes', index, 'path']
        : ['files', index - spec.volumes.length, 'path'],
    'path-twice',
  )
  for (const [index, { value, secret }] of spec.environment.entries()) {
    if (secret && value !== '') problem(['environment', index, 'value'], 'secret-value')
  }
  for (const name of Object.keys(spec.labels)) {
    if (name.startsWith(labelPrefix)) problem(['labels', name], 'label-reserved')
  }
  const { cpu, memory } = spec
  if (cpu.limit !== null && cpu.reservation !== null && cpu.reservation > cpu.limit)
    problem(['cpu', 'reservation'], 'reservation')
  if (memory.limit !== null && memory.reservation !== null && memory.reservation > memory.limit) {
    problem(['memory', 'reservation'], 'reservation')
  }
  if (spec.restart.retries !== null && spec.restart.policy !== 'on-failure')
    problem(['restart', 'retries'], 'retries')
})
export type DeploymentSpec = z.infer<typeof DeploymentSpec>

/** Where a draft is wrong: a path such as `ports.0.host`, and in what way. */
export interface FieldProblem {
  path: string
  problem: SpecProblem
}

/** Every field of a draft that is wrong; empty: it can be deployed. */
export function problemsOf(draft: unknown): FieldProblem[] {
  const parsed = DeploymentSpec.safeParse(draft)
  if (parsed.success) return []
  return parsed.error.issues.map((issue) => {
    // What is wrong with a key stands one level below.
    const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message
    return {
      path: issue.path.map(String).join('.'),
      problem: specProblems.find((known) => known === message) ?? 'required',
    }
  })
}

/** A deployment of one instance with nothing set but what it needs. */
export function emptySpec(image: DeploymentImage, name: string): DeploymentSpec {
  return {
    name,
    image,
    platform: null,
    instances: 1,
    ports: [],
    cpu: { limit: null, reservation: null, weight: null },
    memory: { limit: null, reservation: null },
    diskBytes: null,
    environment: [],
    volumes: [],
    command: null,
    entrypoint: null,
    beforeStart: null,
    beforeStop: null,
    user: null,
    workingFolder: null,
    restart: { policy: 'unless-stopped', retries: null },
    health: { kind: 'image' },
    stopSeconds: null,
    labels: {},
    networks: [],
    files: [],
    debugPort: null,
  }
}
