/** The same deployment as a command for a shell, to be read, kept and run elsewhere. A secret is named, never told. */
import type { DeploymentSpec, VolumeSpec } from '@shared/deployment'
import { cpuShares } from '../model/container-body'
import { healthCommand } from '../model/health'
import { noImageFacts, pinnedReference, type ImageFacts } from '../model/image'
import { publishedPorts } from '../model/ports'
import { startOf, type Start } from '../model/start'
import { sizeWord } from './amount'
import { commandLines, quoteWord, shownWord } from './shell'

type Own = Pick<ImageFacts, 'entrypoint' | 'command'>
type Groups = string[][]

const option = (name: string, value: string | number | null): Groups =>
  value === null ? [] : [[name, String(value)]]

/** A field of `--mount` and `--config`, which are lines of CSV. */
const field = (name: string, value: string): string => {
  const text = `${name}=${value}`
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const mount = (volume: VolumeSpec): string =>
  [
    `type=${volume.kind === 'folder' ? 'bind' : 'volume'}`,
    ...(volume.kind === 'folder' ? [field('source', volume.source)] : []),
    ...(volume.kind === 'volume' && volume.name !== null ? [field('source', volume.name)] : []),
    field('target', volume.path),
    ...(volume.readOnly ? ['readonly'] : []),
  ].join(',')

function healthOptions(health: DeploymentSpec['health']): Groups {
  if (health.kind === 'image') return []
  if (health.kind === 'none') return [['--no-healthcheck']]
  return [
    ['--health-cmd', healthCommand(health) ?? ''],
    ['--health-interval', `${health.intervalSeconds}s`],
    ['--health-timeout', `${health.timeoutSeconds}s`],
    ['--health-start-period', `${health.startSeconds}s`],
    ['--health-retries', String(health.retries)],
  ]
}

const environmentOptions = (spec: DeploymentSpec): Groups =>
  spec.environment.map(({ name, value, secret }) => ['--env', secret ? name : `${name}=${value}`])

const labelOptions = (spec: DeploymentSpec): Groups =>
  Object.entries(spec.labels).map(([name, value]) => ['--label', `${name}=${value}`])

const fileName = (spec: DeploymentSpec, index: number): string =>
  `${index + 1}-${(spec.files[index]?.path ?? '').split('/').at(-1) ?? 'file'}`

function runOptions(spec: DeploymentSpec, start: Start): Groups {
  const shares = cpuShares(spec.cpu)
  const { policy, retries } = spec.restart
  return [
    ...publishedPorts(spec).map(({ container, host, protocol, scope }) => {
      const ip = scope === 'local' ? '127.0.0.1:' : ''
      const place = host === null && ip === '' ? '' : `${ip}${host ?? ''}:`
      return ['--publish', `${place}${container}/${protocol}`]
    }),
    ...option('--platform', spec.platform),
    ...option('--cpus', spec.cpu.limit),
    ...option('--cpu-shares', shares || null),
    ...option('--memory', spec.memory.limit && sizeWord(spec.memory.limit)),
    ...option('--memory-reservation', spec.memory.reservation && sizeWord(spec.memory.reservation)),
    ...(spec.diskBytes === null ? [] : [['--storage-opt', `size=${spec.diskBytes}`]]),
    ...environmentOptions(spec),
    ...spec.volumes.map((volume) => ['--mount', mount(volume)]),
    ...option('--user', spec.user),
    ...option('--workdir', spec.workingFolder),
    ...(policy === 'no' ? [] : [['--restart', retries ? `${policy}:${retries}` : policy]]),
    ...healthOptions(spec.health),
    ...option('--stop-timeout', spec.stopSeconds),
    ...labelOptions(spec),
    ...spec.networks.flatMap((network, index) => [
      ['--network', network],
      ...(index === 0 ? [['--network-alias', spec.name]] : []),
    ]),
    ...option('--entrypoint', start.entrypoint?.[0] ?? null),
  ]
}

/** The container's name; in a loop over instances its number is the shell's to fill in, between double quotes. */
const instanceName = (spec: DeploymentSpec): string =>
  spec.instances > 1 ? `"${spec.name}-$n"` : `${spec.name}-1`

function runCommand(spec: DeploymentSpec, image: Own, program: 'docker' | 'podman'): string {
  const start = startOf(spec, image)
  const begin = spec.instances === 0 || spec.files.length > 0 ? 'create' : 'run --detach'
  const name = instanceName(spec)
  const command = [
    `${program} ${begin} --name ${name}`,
    commandLines(runOptions(spec, start)),
    commandLines([
      [pinnedReference(spec.image), ...(start.entrypoint?.slice(1) ?? []), ...(start.command ?? [])],
    ]),
  ]
    .filter((part) => part !== '')
    .join(' \\\n  ')
  const copies = spec.files.map(({ path }, index) =>
    [
      `${program} cp ${shownWord(`./${spec.name}-files/${fileName(spec, index)}`)}`,
      `${name}:${shownWord(path)}`,
    ].join(' '),
  )
  const steps = [
    command,
    ...copies,
    ...(spec.files.length > 0 && spec.instances > 0 ? [`${program} start ${name}`] : []),
  ]
  const all = spec.instances > 1 ? [`for n in $(seq ${spec.instances}); do`, ...steps, 'done'] : steps
  return [...writtenFiles(spec), ...all].join('\n')
}

/** Commands that write the configuration files beside the shell, with their rights. */
function writtenFiles(spec: DeploymentSpec): string[] {
  if (spec.files.length === 0) return []
  const folder = `./${spec.name}-files`
  return [
    `mkdir -p ${folder}`,
    ...spec.files.flatMap(({ content, mode }, index) => {
      const path = shownWord(`${folder}/${fileName(spec, index)}`)
      return [`printf '%s' ${shownWord(content)} > ${path}`, `chmod ${mode} ${path}`]
    }),
  ]
}

const conditions = { no: 'none', 'on-failure': 'on-failure', always: 'any', 'unless-stopped': 'any' } as const
const configName = (spec: DeploymentSpec, index: number): string =>
  `${spec.name}-${fileName(spec, index)}`.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 64)

function serviceCommand(spec: DeploymentSpec, image: Own): string {
  const start = startOf(spec, image)
  const configs = spec.files.map(
    ({ content }, index) =>
      `printf '%s' ${shownWord(content)} | docker config create ${shownWord(configName(spec, index))} -`,
  )
  const groups: Groups = [
    ['docker', 'service', 'create', '--name', spec.name],
    ['--replicas', String(spec.instances)],
    ['--with-registry-auth'],
    ['--update-order', 'start-first'],
    ['--update-failure-action', 'rollback'],
    ...spec.ports
      .filter(({ scope }) => scope === 'all')
      .map(({ container, host, protocol }) => [
        '--publish',
        `${host === null ? '' : `published=${host},`}target=${container},protocol=${protocol}`,
      ]),
    ...option('--limit-cpu', spec.cpu.limit),
    ...option('--limit-memory', spec.memory.limit && sizeWord(spec.memory.limit)),
    ...option('--reserve-cpu', spec.cpu.reservation),
    ...option('--reserve-memory', spec.memory.reservation && sizeWord(spec.memory.reservation)),
    ...(spec.platform === null ? [] : [['--constraint', `node.platform.arch==${machineOf(spec.platform)}`]]),
    ...environmentOptions(spec),
    ...spec.volumes.map((volume) => ['--mount', mount(volume)]),
    ...spec.files.map(({ path, mode }, index) => [
      '--config',
      [field('source', configName(spec, index)), field('target', path), `mode=${mode.padStart(4, '0')}`].join(
        ',',
      ),
    ]),
    ...option('--user', spec.user),
    ...option('--workdir', spec.workingFolder),
    ['--restart-condition', conditions[spec.restart.policy]],
    ...option('--restart-max-attempts', spec.restart.retries),
    ...healthOptions(spec.health),
    ...(spec.stopSeconds === null ? [] : [['--stop-grace-period', `${spec.stopSeconds}s`]]),
    ...labelOptions(spec),
    ...Object.entries(spec.labels).map(([name, value]) => ['--container-label', `${name}=${value}`]),
    ...spec.networks.map((network) => ['--network', `name=${network},alias=${spec.name}`]),
    ...option('--entrypoint', start.entrypoint ? start.entrypoint.map(quoteWord).join(' ') : null),
    [pinnedReference(spec.image), ...(start.command ?? [])],
  ]
  return [...configs, commandLines(groups)].join('\n')
}

// Nodes tell their machine as their kernel names it.
const machines: Record<string, string> = { amd64: 'x86_64', arm64: 'aarch64' }
const machineOf = (platform: string): string => {
  const architecture = platform.split('/')[1] ?? ''
  return machines[architecture] ?? architecture
}

/**
 * A POSIX shell's text that does the same: `docker run`, `podman run` or `docker service create`. Secrets are taken from the
 * shell's own environment. `image`: what the image starts with, needed where something runs before that.
 */
export function commandOf(
  spec: DeploymentSpec,
  kind: 'docker' | 'podman' | 'swarm',
  image: Own | null = null,
): string {
  const own = image ?? noImageFacts
  return kind === 'swarm' ? serviceCommand(spec, own) : runCommand(spec, own, kind)
}
