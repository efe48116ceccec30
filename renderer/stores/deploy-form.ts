/**
 * A deployment as its form has it: every field as it is typed, lists as rows that know themselves. A number that is missing is
 * null, and NaN where something else was typed. Secret values are in their rows and nowhere in what is made of it.
 */
import { type DeploymentSpec, type HealthSpec, problemsOf, type SpecProblem } from '@shared/deployment'
import { commandWords } from '@/command-words'
import { shellWords } from '@/shell-words'

type Typed = number | null
export type HealthKind = HealthSpec['kind']
type Protocol = DeploymentSpec['ports'][number]['protocol']
type Scope = DeploymentSpec['ports'][number]['scope']
type Access = DeploymentSpec['ports'][number]['access']

export interface PortRow {
  key: number
  container: Typed
  host: Typed
  protocol: Protocol
  scope: Scope
  access: Access
}
export interface EnvironmentRow {
  key: number
  name: string
  /** Where `secret`: what was typed, kept here until it is sent once. */
  value: string
  secret: boolean
}
export interface VolumeRow {
  key: number
  kind: 'volume' | 'folder'
  /** The volume's name, or the folder of the host. */
  source: string
  path: string
  readOnly: boolean
}
export interface LabelRow {
  key: number
  name: string
  value: string
}
export interface FileRow {
  key: number
  path: string
  content: string
  mode: string
}

export interface DeployForm {
  name: string
  image: DeploymentSpec['image']
  platform: string
  instances: Typed
  ports: PortRow[]
  cpu: DeploymentSpec['cpu']
  memory: DeploymentSpec['memory']
  diskBytes: Typed
  environment: EnvironmentRow[]
  volumes: VolumeRow[]
  command: string
  entrypoint: string
  beforeStart: string
  beforeStop: string
  user: string
  workingFolder: string
  restart: DeploymentSpec['restart']
  health: {
    kind: HealthKind
    command: string
    port: Typed
    path: string
    startSeconds: Typed
    intervalSeconds: Typed
    timeoutSeconds: Typed
    retries: Typed
  }
  stopSeconds: Typed
  labels: LabelRow[]
  /** Names between spaces or commas. */
  networks: string
  files: FileRow[]
  debugPort: { container: Typed; host: Typed }
}

let lastKey = 0
export const nextKey = (): number => (lastKey += 1)
const rows = <T extends object>(items: readonly T[]): (T & { key: number })[] =>
  items.map((item) => ({ ...item, key: nextKey() }))

const timing = { startSeconds: 10, intervalSeconds: 10, timeoutSeconds: 5, retries: 3 }

export function formOf(spec: DeploymentSpec): DeployForm {
  const { health } = spec
  return {
    ...structuredClone(spec),
    platform: spec.platform ?? '',
    ports: rows(spec.ports),
    environment: rows(spec.environment),
    volumes: spec.volumes.map((volume) => ({
      key: nextKey(),
      kind: volume.kind,
      source: (volume.kind === 'volume' ? volume.name : volume.source) ?? '',
      path: volume.path,
      readOnly: volume.readOnly,
    })),
    command: shellWords(spec.command ?? []),
    entrypoint: shellWords(spec.entrypoint ?? []),
    beforeStart: spec.beforeStart ?? '',
    beforeStop: spec.beforeStop ?? '',
    user: spec.user ?? '',
    workingFolder: spec.workingFolder ?? '',
    health: {
      command: '',
      path: '/',
      port: spec.ports.find(({ protocol }) => protocol === 'tcp')?.container ?? null,
      ...timing,
      ...health,
    },
    labels: rows(Object.entries(spec.labels).map(([name, value]) => ({ name, value }))),
    networks: spec.networks.join(' '),
    files: rows(spec.files),
    debugPort: { container: spec.debugPort?.container ?? null, host: spec.debugPort?.host ?? null },
  }
}

/** The rows in which anything is typed: the others are not there. */
function rowsIn(form: DeployForm) {
  return {
    ports: form.ports.filter(({ container, host }) => container !== null || host !== null),
    environment: form.environment.filter(({ name, value }) => name !== '' || value !== ''),
    volumes: form.volumes.filter(({ source, path }) => source !== '' || path !== ''),
    labels: form.labels.filter(({ name, value }) => name !== '' || value !== ''),
    files: form.files.filter(({ path, content }) => path !== '' || content !== ''),
  }
}

const textOrNull = (text: string): string | null => (text.trim() === '' ? null : text)
const numberOf = (typed: Typed): number => typed ?? NaN

function healthOf({ kind, command, port, path, ...form }: DeployForm['health']): HealthSpec {
  const times = {
    startSeconds: numberOf(form.startSeconds),
    intervalSeconds: numberOf(form.intervalSeconds),
    timeoutSeconds: numberOf(form.timeoutSeconds),
    retries: numberOf(form.retries),
  }
  if (kind === 'command') return { kind, command, ...times }
  if (kind === 'http') return { kind, port: numberOf(port), path, ...times }
  return kind === 'tcp' ? { kind, port: numberOf(port), ...times } : { kind }
}

/** What the form says, without its secret values. Where a number is missing or wrong it is NaN: ask `formProblems` first. */
export function specOf(form: DeployForm): DeploymentSpec {
  const there = rowsIn(form)
  const { container, host } = form.debugPort
  return {
    name: form.name,
    image: { ...form.image },
    platform: textOrNull(form.platform.trim()),
    instances: numberOf(form.instances),
    ports: there.ports.map(({ key: _key, ...port }) => ({ ...port, container: numberOf(port.container) })),
    cpu: { ...form.cpu },
    memory: { ...form.memory },
    diskBytes: form.diskBytes,
    environment: there.environment.map(({ name, value, secret }) => ({
      name,
      value: secret ? '' : value,
      secret,
    })),
    volumes: there.volumes.map(({ kind, source, path, readOnly }) =>
      kind === 'volume'
        ? { kind, name: textOrNull(source), path, readOnly }
        : { kind, source, path, readOnly },
    ),
    command: commandWords(form.command),
    entrypoint: commandWords(form.entrypoint),
    beforeStart: textOrNull(form.beforeStart),
    beforeStop: textOrNull(form.beforeStop),
    user: textOrNull(form.user),
    workingFolder: textOrNull(form.workingFolder),
    restart: {
      policy: form.restart.policy,
      retries: form.restart.policy === 'on-failure' ? form.restart.retries : null,
    },
    health: healthOf(form.health),
    stopSeconds: form.stopSeconds,
    labels: Object.fromEntries(there.labels.map(({ name, value }) => [name, value])),
    networks: form.networks.split(/[\s,，]+/).filter(Boolean),
    files: there.files.map(({ path, content, mode }) => ({ path, content, mode })),
    debugPort: container === null && host === null ? null : { container: numberOf(container), host },
  }
}

/** The secret values that were typed, by name. */
export const secretsOf = (form: DeployForm): Record<string, string> =>
  Object.fromEntries(
    form.environment
      .filter(({ secret, value, name }) => secret && value !== '' && name !== '')
      .map(({ name, value }) => [name, value]),
  )

const lists = ['ports', 'environment', 'volumes', 'files'] as const

/** A path of the schema as one of the form: rows by their key, `environment.12.name`. */
export function formPath(path: string, form: DeployForm): string {
  const there = rowsIn(form)
  const [first = '', second = '', ...rest] = path.split('.')
  const list = lists.find((one) => one === first)
  if (list && second !== '') {
    const field = list === 'volumes' && rest[0] === 'name' ? ['source'] : rest
    return [list, there[list][Number(second)]?.key ?? second, ...field].join('.')
  }
  if (first === 'labels') {
    const name = path.slice('labels.'.length)
    return `labels.${there.labels.find((row) => row.name === name)?.key ?? ''}.name`
  }
  return ['networks', 'command', 'entrypoint'].includes(first) ? first : path
}

/** Numbers that have to be there and are not. */
function missingNumbers(form: DeployForm): string[] {
  const { health, debugPort } = form
  const there = rowsIn(form)
  const asked = health.kind === 'http' || health.kind === 'tcp'
  const timed = asked || health.kind === 'command'
  return [
    form.instances === null && 'instances',
    ...there.ports.map(({ key, container }) => container === null && `ports.${key}.container`),
    asked && health.port === null && 'health.port',
    ...(['startSeconds', 'intervalSeconds', 'timeoutSeconds', 'retries'] as const).map(
      (field) => timed && health[field] === null && `health.${field}`,
    ),
    debugPort.container === null && debugPort.host !== null && 'debugPort.container',
  ].filter((path): path is string => typeof path === 'string')
}

/** What a secret variable lacks; `kept` are the names whose values are in the keychain already. */
function secretProblems(form: DeployForm, kept: ReadonlySet<string>): [string, SpecProblem][] {
  return form.environment
    .filter(({ secret, name }) => secret && name !== '')
    .flatMap(({ key, name, value }): [string, SpecProblem][] => {
      const path = `environment.${key}.value`
      if (value === '' && !kept.has(name)) return [[path, 'required']]
      if (value.length > 131_072) return [[path, 'too-long']]
      return value.includes('\0') ? [[path, 'control-character']] : []
    })
}

/** Two labels of one name would become one without a word. */
function labelProblems(form: DeployForm): [string, SpecProblem][] {
  const { labels } = rowsIn(form)
  return labels
    .filter(({ name }, index) => labels.findIndex((row) => row.name === name) < index)
    .map(({ key }) => [`labels.${key}.name`, 'label'])
}

/** Every field of the form that is wrong, by its path, and in what way; the schema is that of the engine side. */
export function formProblems(
  form: DeployForm,
  kept: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, SpecProblem> {
  const missing = new Set(missingNumbers(form))
  const found = problemsOf(specOf(form)).map(({ path, problem }): [string, SpecProblem] => {
    const place = formPath(path, form)
    return [place, missing.has(place) ? 'required' : problem]
  })
  return new Map([...labelProblems(form), ...secretProblems(form, kept), ...found.reverse()])
}
