import type { DeploymentSpec, PortSpec } from '@shared/deployment'
import { shortDigest } from '@shared/reference'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { bytesText } from '@/byte-text'
import { shellWords } from '@/shell-words'
import { useAppStore } from '@/stores/app'
import { reasonOf, useDeployDraftStore } from '@/stores/deploy-draft'
import { secretsOf } from '@/stores/deploy-form'
import { usePoolsStore } from '@/stores/pools'

export interface ChangedLine {
  label: string
  before: string
  after: string
}

/** What the Deploy form will do, line by line, and what of a deployment that runs would change. */
export function useDeployLines() {
  const { t } = useI18n()
  const app = useAppStore()
  const draft = useDeployDraftStore()
  const pools = usePoolsStore()

  const portText = ({ container, host, protocol }: PortSpec): string =>
    `${host ?? '*'} → ${container}/${protocol}`

  function publishing({ container, host, protocol, scope }: PortSpec): string {
    return t('deploy.will.port', {
      from: host ?? t('deploy.will.automatic'),
      to: `${container}/${protocol}`,
      scope: t(scope === 'all' ? 'deploy.port.scopeAll' : 'deploy.port.scopeLocal'),
    })
  }

  function shortImage({ reference, digest }: DeploymentSpec['image']): string {
    const name = reference.replace(/@sha256:[0-9a-f]*$/, '')
    return digest ? `${name}@${shortDigest(digest)}` : name
  }

  function starting({ name, instances: n }: DeploymentSpec, swarm: boolean): string {
    if (n === 0) return t('deploy.will.nothing', { name })
    return swarm ? t('deploy.will.service', { name, n }, n) : t('deploy.will.create', { name, n }, n)
  }

  function changing(before: DeploymentSpec, after: DeploymentSpec): string | false {
    if (reasonOf(before, after) === 'scale')
      return (
        before.instances !== after.instances &&
        t('deploy.will.scale', { from: before.instances, to: after.instances })
      )
    if (after.instances === 0) return t('deploy.will.nothing', { name: after.name })
    const interrupts = draft.planned.some(({ problem }) => problem === 'fixed-port-interrupts')
    return t(interrupts ? 'deploy.will.interrupt' : 'deploy.will.replace')
  }

  const lines = computed<string[]>(() => {
    const { spec, form } = draft
    const pool = pools.byId(draft.poolId)
    if (!spec || !form || !pool) return []
    const secrets = Object.keys(secretsOf(form)).length
    const inMemory = draft.sessionOnly || app.info?.keychain.available === false
    const there = draft.plan?.imagePresent === true && spec.image.delivery !== 'send'
    const way = there ? 'present' : spec.image.delivery
    const { length: files } = spec.files
    const { kind } = spec.health
    const wait = kind === 'image' ? 'healthyOfImage' : kind === 'none' ? 'running' : 'healthy'
    const reached = spec.ports.some(({ protocol }) => protocol === 'tcp')
    return [
      secrets > 0 &&
        t(inMemory ? 'deploy.will.secretsSession' : 'deploy.will.secrets', { n: secrets }, secrets),
      t(`deploy.will.${way}`, { image: shortImage(spec.image), pool: pool.name }),
      files > 0 && t('deploy.will.files', { n: files }, files),
      draft.before ? changing(draft.before, spec) : starting(spec, pool.kind === 'swarm'),
      ...spec.ports.map(publishing),
      spec.instances > 0 && t(`deploy.will.${wait}`),
      spec.instances > 0 && reached && t('deploy.will.reach'),
    ].filter((line): line is string => typeof line === 'string')
  })

  const none = (): string => t('deploy.will.none')
  const number = (value: number | null): string => (value === null ? none() : String(value))
  const bytes = (value: number | null): string => bytesText(value) || none()
  const list = (items: readonly string[]): string => items.join(', ') || none()

  /** Each field that may change, and how it is told; a secret only by its name. */
  const fields: readonly (readonly [() => string, (spec: DeploymentSpec) => string])[] = [
    [() => t('deploy.field.image'), ({ image }) => shortImage(image)],
    [() => t('deploy.field.instances'), ({ instances }) => number(instances)],
    [() => t('deploy.group.ports'), ({ ports }) => list(ports.map(portText))],
    [() => t('deploy.field.cpuLimit'), ({ cpu }) => number(cpu.limit)],
    [() => t('deploy.field.cpuReservation'), ({ cpu }) => number(cpu.reservation)],
    [() => t('deploy.field.cpuWeight'), ({ cpu }) => number(cpu.weight)],
    [() => t('deploy.field.memoryLimit'), ({ memory }) => bytes(memory.limit)],
    [() => t('deploy.field.memoryReservation'), ({ memory }) => bytes(memory.reservation)],
    [() => t('deploy.field.diskBytes'), ({ diskBytes }) => bytes(diskBytes)],
    [
      () => t('deploy.group.storage'),
      ({ volumes }) =>
        list(volumes.map((one) => `${(one.kind === 'volume' ? one.name : one.source) ?? ''}:${one.path}`)),
    ],
    [() => t('deploy.field.entrypoint'), ({ entrypoint }) => shellWords(entrypoint ?? []) || none()],
    [() => t('deploy.field.command'), ({ command }) => shellWords(command ?? []) || none()],
    [() => t('deploy.field.beforeStart'), ({ beforeStart }) => beforeStart ?? none()],
    [() => t('deploy.field.beforeStop'), ({ beforeStop }) => beforeStop ?? none()],
    [() => t('deploy.field.stopSeconds'), ({ stopSeconds }) => number(stopSeconds)],
    [() => t('deploy.field.user'), ({ user }) => user ?? none()],
    [() => t('deploy.field.workingFolder'), ({ workingFolder }) => workingFolder ?? none()],
    [() => t('deploy.field.platform'), ({ platform }) => platform ?? none()],
    [() => t('deploy.field.restart'), ({ restart }) => t(`deploy.restart.${restart.policy}`)],
    [() => t('deploy.group.health'), ({ health }) => t(`deploy.health.${health.kind}`)],
    [() => t('deploy.group.files'), ({ files }) => list(files.map(({ path }) => path))],
    [
      () => t('deploy.label.name'),
      ({ labels }) => list(Object.entries(labels).map((pair) => pair.join('='))),
    ],
    [() => t('deploy.field.networks'), ({ networks }) => list(networks)],
    [() => t('deploy.group.debug'), ({ debugPort }) => number(debugPort?.container ?? null)],
  ]

  /** Variables one by one: `NAME`, and its values where they are none to hide. */
  function environmentChanges(before: DeploymentSpec, after: DeploymentSpec): ChangedLine[] {
    const typed = new Set(draft.form ? Object.keys(secretsOf(draft.form)) : [])
    const shown = (spec: DeploymentSpec, name: string, fresh: boolean): string => {
      const found = spec.environment.find((one) => one.name === name)
      if (!found) return none()
      return found.secret ? (fresh ? '••••••' : '•••') : found.value
    }
    const names = [...before.environment, ...after.environment].map(({ name }) => name)
    return [...new Set(names)]
      .map((label) => ({
        label,
        before: shown(before, label, false),
        after: shown(after, label, typed.has(label)),
      }))
      .filter((line) => line.before !== line.after)
  }

  /** Null where nothing runs yet. What changes in more than its short text is told as the same on both sides. */
  const changes = computed<ChangedLine[] | null>(() => {
    const { before, spec } = draft
    if (!before || !spec) return null
    const told = fields
      .map(([label, text]) => ({ label: label(), before: text(before), after: text(spec) }))
      .filter((line) => line.before !== line.after)
    const silent = (['health', 'files', 'restart', 'ports', 'volumes', 'debugPort'] as const)
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(spec[field]))
      .map((field) => groupOf(field))
      .filter((label) => !told.some((line) => line.label === label))
      .map((label) => ({ label, before: '', after: '' }))
    return [...told, ...silent, ...environmentChanges(before, spec)]
  })

  function groupOf(field: 'health' | 'files' | 'restart' | 'ports' | 'volumes' | 'debugPort'): string {
    if (field === 'restart') return t('deploy.field.restart')
    if (field === 'volumes') return t('deploy.group.storage')
    return t(`deploy.group.${field === 'debugPort' ? 'debug' : field}`)
  }

  return { lines, changes }
}
