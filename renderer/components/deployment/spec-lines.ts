/** A deployment's settings as lines to read and to compare: only what is set. */
import type { DeploymentSpec, HealthSpec, PortSpec, VolumeSpec } from '@shared/deployment'
import { shellWords } from '@/shell-words'

export const specGroups = [
  'image',
  'instances',
  'ports',
  'resources',
  'environment',
  'volumes',
  'command',
  'health',
  'files',
  'other',
] as const
export type SpecGroup = (typeof specGroups)[number]

export interface SpecLine {
  /** Names the same setting in every version: `environment.PORT`. */
  key: string
  group: SpecGroup
  name: string
  value: string
  /** What tells two versions apart, where that is more than what is shown. */
  content: string
  /** Code: shown in the typeface of code. */
  mono: boolean
}

/** How the lines are worded in the language that is shown. */
export interface SpecWords {
  /** `count` chooses between one and several. */
  t: (key: string, values: Record<string, unknown>, count: number) => string
  bytes: (value: number) => string
  number: (value: number) => string
  /** Seconds. */
  duration: (value: number) => string
}

export function specLines(spec: DeploymentSpec, { t, bytes, number, duration }: SpecWords): SpecLine[] {
  const lines: SpecLine[] = []
  const word = (key: string, values: Record<string, unknown> = {}, count = 1): string =>
    t(`deployment.spec.${key}`, values, count)
  const add = (
    group: SpecGroup,
    key: string,
    name: string,
    value: string | null,
    { mono = false, content = value ?? '' } = {},
  ): void => {
    if (value !== null) lines.push({ key, group, name, value, content, mono })
  }
  /** A setting whose name has words of its own. */
  const set = (group: SpecGroup, key: string, value: string | null, mono = false): void =>
    add(group, key, word(`name.${key}`), value, { mono })
  const cores = (value: number | null): string | null =>
    value === null ? null : word('cores', { n: number(value) }, value)
  const size = (value: number | null): string | null => (value === null ? null : bytes(value))
  const shell = (words: readonly string[] | null): string | null =>
    words === null ? null : shellWords(words)
  const listed = (parts: (string | null)[]): string =>
    parts.filter((part) => part !== null).join(word('comma'))

  const port = ({ host, scope, access }: PortSpec): string =>
    listed([
      host === null ? word('automatic') : String(host),
      word(`scope.${scope}`),
      word(`access.${access}`),
    ])
  const volume = (one: VolumeSpec): string => {
    const from =
      one.kind === 'folder'
        ? word('folder', { path: one.source })
        : one.name === null
          ? word('anonymous')
          : word('volume', { name: one.name })
    return listed([from, one.readOnly ? word('readOnly') : null])
  }
  const health = (one: HealthSpec): string => {
    if (one.kind === 'image' || one.kind === 'none') return word(`health.${one.kind}`)
    const what =
      one.kind === 'command'
        ? one.command
        : one.kind === 'http'
          ? word('health.http', { port: one.port, path: one.path })
          : word('health.tcp', { port: one.port })
    return listed([
      what,
      word('health.every', { time: duration(one.intervalSeconds) }),
      word('health.timeout', { time: duration(one.timeoutSeconds) }),
      word('health.start', { time: duration(one.startSeconds) }),
      word('health.retries', { n: one.retries }, one.retries),
    ])
  }

  set('image', 'image', spec.image.reference, true)
  set('image', 'digest', spec.image.digest, true)
  set('image', 'delivery', word(`delivery.${spec.image.delivery}`))
  set('image', 'platform', spec.platform)
  set('instances', 'instances', number(spec.instances))
  set(
    'instances',
    'restart',
    spec.restart.retries === null
      ? word(`restart.${spec.restart.policy}`)
      : listed([
          word(`restart.${spec.restart.policy}`),
          word('restart.retries', { n: spec.restart.retries }, spec.restart.retries),
        ]),
  )
  set('instances', 'stopSeconds', spec.stopSeconds === null ? null : duration(spec.stopSeconds))
  for (const one of spec.ports) {
    const name = `${one.container}/${one.protocol}`
    add('ports', `ports.${name}`, name, port(one))
  }
  if (spec.debugPort) {
    const { container, host } = spec.debugPort
    set('ports', 'debugPort', `${container} → ${host ?? word('automatic')}`)
  }
  set('resources', 'cpuLimit', cores(spec.cpu.limit))
  set('resources', 'cpuReservation', cores(spec.cpu.reservation))
  set('resources', 'cpuWeight', spec.cpu.weight === null ? null : number(spec.cpu.weight))
  set('resources', 'memoryLimit', size(spec.memory.limit))
  set('resources', 'memoryReservation', size(spec.memory.reservation))
  set('resources', 'disk', size(spec.diskBytes))
  for (const { name, value, secret } of spec.environment) {
    const content = secret ? '\0secret' : value
    add('environment', `environment.${name}`, name, secret ? word('secret') : value, {
      mono: !secret,
      content,
    })
  }
  for (const one of spec.volumes) {
    add('volumes', `volumes.${one.path}`, one.path, volume(one), { content: JSON.stringify(one) })
  }
  set('command', 'entrypoint', shell(spec.entrypoint), true)
  set('command', 'command', shell(spec.command), true)
  set('command', 'beforeStart', spec.beforeStart, true)
  set('command', 'beforeStop', spec.beforeStop, true)
  set('command', 'user', spec.user, true)
  set('command', 'workingFolder', spec.workingFolder, true)
  set('health', 'health', health(spec.health))
  for (const { path, content, mode } of spec.files) {
    const lineCount = content === '' ? 0 : content.replace(/\n$/, '').split('\n').length
    add('files', `files.${path}`, path, word('file', { lines: number(lineCount), mode }, lineCount), {
      content: `${mode}\n${content}`,
    })
  }
  if (spec.networks.length > 0) set('other', 'networks', spec.networks.join(', '), true)
  for (const [name, value] of Object.entries(spec.labels)) {
    add('other', `labels.${name}`, name, value, { mono: true })
  }
  return lines
}

export interface SpecChange {
  key: string
  group: SpecGroup
  name: string
  /** Null: it was not set before, or is not any more. */
  before: string | null
  after: string | null
  mono: boolean
}

/** What two versions differ in, in the order of the groups. */
export function differenceOf(before: readonly SpecLine[], after: readonly SpecLine[]): SpecChange[] {
  const old = new Map(before.map((line) => [line.key, line]))
  const now = new Map(after.map((line) => [line.key, line]))
  const changes: SpecChange[] = []
  for (const line of after) {
    const was = old.get(line.key)
    if (was?.content === line.content) continue
    const { key, group, name, mono } = line
    changes.push({ key, group, name, before: was?.value ?? null, after: line.value, mono })
  }
  for (const line of before) {
    if (now.has(line.key)) continue
    const { key, group, name, mono } = line
    changes.push({ key, group, name, before: line.value, after: null, mono })
  }
  return changes.sort((a, b) => specGroups.indexOf(a.group) - specGroups.indexOf(b.group))
}
