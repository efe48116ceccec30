/**
 * What must hold of an engine's deployments: each is there as it is meant, exactly once, under its own names; nothing is there that
 * belongs to none of them, and no secret of one that is gone.
 */
import { isEnded, type Job } from '@shared/job'
import { decodeLabels } from '../../electron/deploy/model/labels'
import { engineDemand, engineRequest } from '../lab/engine-api'
import { until } from '../lab/until'
import type { Deployments, Sent, Standing } from './deployments'
import { keptIn, keychainFile } from './file-keychain'
import type { Oracle } from './oracle'
import type { World } from './world'

interface Container {
  Id: string
  Names: string[]
  ImageID: string
  State: string
  Labels: Record<string, string>
}

/** Codes of a second attempt at what the first one did before it was cut off. */
const isDoneBefore = (code: string | undefined): boolean => code === 'DEPLOYMENT_UNKNOWN'

export class DeploymentOracle {
  constructor(
    private readonly world: World,
    private readonly deployments: Deployments,
    private readonly oracle: Oracle,
  ) {}

  /**
   * Holds pool jobs against the engine: what says that it is done must be there, and what was ended with a reason is done when it
   * is tried again. Afterwards the engine has what is meant and nothing else.
   */
  async jobs(sent: readonly Sent[], patience?: number): Promise<void> {
    const { program } = this.world
    const first = await program.settled(patience)
    for (const one of sent) {
      const job = this.ended(one, first)
      if (job?.state === 'succeeded') await this.holds(one, 'falseSuccess')
    }
    for (const one of sent) {
      const job = first.find(({ id }) => id === one.id)
      if (job && isEnded(job.state) && job.state !== 'succeeded')
        await program.call('job:retry', { id: one.id, replaces: null })
    }
    const last = await program.settled(patience)
    for (const one of sent) {
      this.deployments.note(one.order)
      const job = this.ended(one, last)
      if (!job) continue
      const isDone = job.state === 'succeeded' || (one.order.after.gone && isDoneBefore(job.error?.code))
      if (isDone) await this.holds(one, 'falseSuccess')
      else
        this.oracle.count('lost', `${one.order.what}, tried again: ${job.state} ${JSON.stringify(job.error)}`)
    }
    await this.leavings()
  }

  /** Nothing at the engine, and no secret, that belongs to no deployment; half made instances count too. */
  async leavings(): Promise<void> {
    const known = [...this.deployments.standing.values()]
    const found = await this.strangers(known)
    if (found.length === 0) return
    const left = await until('nothing else', async () => (await this.strangers(known)).length === 0, {
      timeout: 5000,
    }).catch(() => null)
    if (left === null) for (const words of await this.strangers(known)) this.oracle.count('leaked', words)
  }

  private ended({ id, order }: Sent, jobs: readonly Job[]): Job | null {
    const job = jobs.find((one) => one.id === id)
    if (!job) this.oracle.count('lost', `${order.what}: vanished`)
    else if (!isEnded(job.state)) this.oracle.count('lost', `${order.what}: still ${job.state}`)
    else if ((job.state === 'failed' || job.state === 'interrupted') && !job.error)
      this.oracle.count('lost', `${order.what}: ${job.state} without a reason`)
    else return job
    return null
  }

  private async holds({ order }: Sent, count: 'falseSuccess'): Promise<void> {
    // Another job on the same deployment may have come after it.
    const wrong = await this.wrongWith(order.after)
    if (wrong !== null) this.oracle.count(count, `${order.what}: done, but ${wrong}`)
  }

  private async wrongWith({ id, spec, version, running, gone }: Standing): Promise<string | null> {
    const own = (await this.containers()).filter(({ Labels }) => decodeLabels(Labels)?.id === id)
    if (gone) return own.length === 0 ? null : `${own.length} containers are there`
    const names = own.map(nameOf).filter((name) => !name.endsWith('.record'))
    const wanted = Array.from({ length: spec.instances }, (_, index) => `${spec.name}-${index + 1}`)
    if (names.length !== spec.instances || (spec.name !== 'scaled' && names.sort().join() !== wanted.join()))
      return `there are ${names.join(', ')} instead of ${wanted.join(', ')}`
    const newest = Math.max(...own.map(({ Labels }) => decodeLabels(Labels)?.version ?? 0))
    if (newest !== version) return `version ${newest} runs instead of ${version}`
    const held = own.find(({ Labels }) => decodeLabels(Labels)?.version === newest)
    const versions = decodeLabels(held?.Labels)?.versions.map((one) => one.version) ?? []
    if (new Set(versions).size !== versions.length) return `versions ${versions.join(', ')} are recorded`
    const image = await this.imageOf(spec.image.digest)
    for (const container of own) {
      if (nameOf(container).endsWith('.record')) continue
      if (container.ImageID !== image) return `${nameOf(container)} runs another image`
      if ((container.State === 'running') !== running) return `${nameOf(container)} is ${container.State}`
    }
    return null
  }

  private async strangers(known: readonly Standing[]): Promise<string[]> {
    const ids = new Set(known.map(({ id }) => id))
    const words: string[] = []
    for (const container of await this.containers()) {
      const labels = decodeLabels(container.Labels)
      const name = nameOf(container)
      if (!labels || !ids.has(labels.id)) words.push(`the container ${name} (${container.State})`)
      else if (/\.(next|trial)$/.test(name)) words.push(`half made: ${name}`)
    }
    const networks = new Set(['bridge', 'host', 'none', ...known.flatMap(({ spec }) => spec.networks)])
    for (const { Name } of await this.list<{ Name: string }[]>('/networks'))
      if (!networks.has(Name)) words.push(`the network ${Name}`)
    const volumes = new Set(
      known.flatMap(({ spec }) => spec.volumes.flatMap((volume) => ('name' in volume ? [volume.name] : []))),
    )
    const { Volumes } = await this.list<{ Volumes: { Name: string }[] | null }>('/volumes')
    for (const { Name } of Volumes ?? []) if (!volumes.has(Name)) words.push(`the volume ${Name}`)
    for (const account of Object.keys(keptIn(keychainFile(this.world.order.folder)))) {
      const [kind, id] = account.split('/')
      if (kind === 'deployment' && !ids.has(id ?? '')) words.push('a secret of a deployment that is gone')
    }
    return words
  }

  private containers(): Promise<Container[]> {
    return this.list<Container[]>('/containers/json?all=true')
  }

  private async list<T>(path: string): Promise<T> {
    const text = await until('the engine', () => engineDemand(this.world.engineHost(), 'GET', path))
    return JSON.parse(text) as T
  }

  private async imageOf(digest: string | null): Promise<string | null> {
    const reference = `${this.world.way.address}/727524/hello@${digest ?? ''}`
    const { text } = await engineRequest(this.world.engineHost(), 'GET', `/images/${reference}/json`)
    return (JSON.parse(text) as { Id?: string }).Id ?? null
  }
}

const nameOf = ({ Names }: Container): string => (Names[0] ?? '').replace(/^\//, '')
