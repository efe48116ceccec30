/**
 * What must hold after each experiment: every accepted job is done, and the registry answers the digest that was meant, or
 * it is there with its state and reason; nothing ran twice; settings and databases are whole; nothing half made is left.
 */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'libsql'
import { isEnded, type Job, type JobRequest } from '@shared/job'
import { engineRequest } from '../lab/engine-api'
import { httpGet } from '../lab/http-get'
import type { Registry } from '../lab/registry'
import { until } from '../lab/until'
import { type Counts, noCounts } from './experiment'
import { logOf } from './program-process'
import type { World } from './world'

export interface Accepted {
  id: string
  request: JobRequest
}

/** Says what is wrong, for a person; each word of it counts in one of the counts. */
export type Say = (words: string) => void

const accept =
  'application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json'

/** Looks at a world whose program is at rest. `kept`: its settings as they were before. */
export class Oracle {
  readonly counts: Counts = noCounts()

  constructor(
    private readonly world: World,
    private readonly say: Say = (words) => void process.stdout.write(`    ${words}\n`),
    /** Answers under the target's host too, at times: what it holds counts as done as well. */
    private readonly other: Registry | null = null,
  ) {}

  /** Holds the jobs that were accepted against what is there now. */
  async jobs(accepted: readonly Accepted[], jobs: readonly Job[]): Promise<void> {
    for (const { id, request } of accepted) {
      const name = `${request.kind} ${'repository' in request ? request.repository : ''}`
      const job = jobs.find((one) => one.id === id)
      if (!job) this.count('lost', `${name}: vanished`)
      else if (!isEnded(job.state)) this.count('lost', `${name}: still ${job.state}`)
      else if ((job.state === 'failed' || job.state === 'interrupted') && !job.error)
        this.count('lost', `${name}: ${job.state} without a reason`)
      else if (job.state === 'succeeded') {
        const wrong = await this.wrongWith(request, job, this.world.target)
        const isThere = this.other && (await this.wrongWith(request, job, this.other)) === null
        if (wrong !== null && !isThere)
          this.count('falseSuccess', `${name}: said to have succeeded, but ${wrong}`)
      }
      await this.siblings(request, name)
    }
  }

  /** Whether something was written or taken away more often than once. */
  repeats(accepted: readonly Accepted[]): void {
    const log = this.world.target.accessLog()
    for (const { request } of accepted) {
      if (!('repository' in request) || request.kind === 'pull') continue
      const writes = log.filter(
        (line) => line.includes(`"PUT /v2/${request.repository}/manifests/v1 `) && / 201 /.test(line),
      )
      if (request.kind !== 'delete' && request.kind !== 'delete-tags' && writes.length > 1)
        this.count('duplicated', `${request.kind} ${request.repository}: written ${writes.length} times`)
    }
  }

  /** A job that was told to be over must stay as it was told. */
  unchanged(told: ReadonlyMap<string, Job>, jobs: readonly Job[]): void {
    for (const before of told.values()) {
      if (!isEnded(before.state)) continue
      const now = jobs.find(({ id }) => id === before.id)
      if (now && (now.state !== before.state || now.attempt !== before.attempt))
        this.count('duplicated', `${now.request.kind}: was ${before.state}, is ${now.state}`)
    }
  }

  /** Registries, accounts, settings and pins, as text: to be compared with what they were. */
  async settings(): Promise<string> {
    const { program } = this.world
    const { registries } = await program.call('registry:list', undefined)
    const kept = registries.map(({ id, host, name, accounts }) => ({
      id,
      host,
      name,
      accounts: accounts.length,
    }))
    const { pins } = await program.call('place:list', undefined)
    return JSON.stringify({ kept, pins, settings: await program.call('settings:read', undefined) })
  }

  async sameSettings(before: string): Promise<void> {
    const now = await this.settings()
    if (now !== before) this.count('lost', `settings are not as they were: ${before} became ${now}`)
  }

  /** Both databases, as they lie on the disk: with the journal of a program that was killed. */
  databases(): void {
    const { folder } = this.world.order
    const copy = mkdtempSync(join(tmpdir(), 'slw-faults-'))
    try {
      for (const name of ['jobs.db', 'cache.db']) {
        for (const part of [name, `${name}-wal`])
          if (existsSync(join(folder, part))) copyFileSync(join(folder, part), join(copy, part))
        const sqlite = new Sqlite(join(copy, name))
        const { integrity_check: found } = sqlite.prepare('PRAGMA integrity_check').get() as {
          integrity_check: string
        }
        if (found !== 'ok') this.count('lost', `${name} is damaged: ${found}`)
        if (name === 'jobs.db') {
          const left = sqlite.prepare(leftSessions).get() as { count: number }
          if (left.count > 0) this.count('leaked', `${left.count} upload sessions of jobs that succeeded`)
        }
        sqlite.close()
      }
    } catch (error) {
      this.count('lost', `a database cannot be read: ${String(error)}`)
    } finally {
      rmSync(copy, { recursive: true })
    }
  }

  /** Half-made things, once the program had its time to clear up. */
  async leavings(): Promise<void> {
    const { folder } = this.world.order
    const left = await until('an empty spool', () => this.filesLeft(folder).length === 0, {
      timeout: 5000,
    }).catch(() => null)
    if (left === null) this.count('leaked', `files: ${this.filesLeft(folder).join(', ')}`)
    if (!this.world.engine?.host) return
    const gone = await this.withoutTemporaryNames()
    if (gone) return
    this.count('leaked', `names at the engine: ${(await this.temporaryNames()).join(', ')}`)
    const lines = readFileSync(logOf(folder), 'utf8').split('\n')
    for (const line of lines
      .filter((one) => one.includes('temporary') || one.includes('"engine"'))
      .slice(-12))
      this.say(line)
  }

  /** Whether the names that pushes gave their images are gone within some seconds; those of one repository, or of all. */
  async withoutTemporaryNames(repository = ''): Promise<boolean> {
    const isGone = async (): Promise<boolean> => (await this.temporaryNames(repository)).length === 0
    return until('no names', isGone, { timeout: 15_000 }).catch(() => false)
  }

  private async temporaryNames(repository = ''): Promise<string[]> {
    const own = `${this.world.way.address}/${repository}`
    const { text } = await engineRequest(this.world.engineHost(), 'GET', '/images/json')
    const images = JSON.parse(text) as { RepoTags: string[] | null }[]
    const isOwn = (name: string): boolean => name.startsWith(own) && name.endsWith('-push:v1')
    return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter(isOwn)
  }

  /** Errors that nothing in the program took. */
  uncaught(): void {
    for (const words of this.world.program.uncaught) this.count('lost', `uncaught: ${words}`)
  }

  count(what: keyof Omit<Counts, 'runs'>, words: string): void {
    this.counts[what] += 1
    this.say(`${what}: ${words}`)
  }

  private filesLeft(folder: string): string[] {
    const spool = join(folder, 'spool')
    const spooled = existsSync(spool) ? readdirSync(spool) : []
    return [...spooled, ...readdirSync(folder).filter((name) => name.endsWith('.tmp'))]
  }

  private async wrongWith(request: JobRequest, job: Job, registry: Registry): Promise<string | null> {
    if (!('repository' in request)) return null
    const { repository } = request
    if (request.kind === 'delete' || request.kind === 'delete-tags') {
      const { status } = await this.ask(registry, `${repository}/manifests/v1`)
      return status === 404 ? null : `the tag answers ${status}`
    }
    if (request.kind === 'copy' && request.removeSource) {
      const { status } = await this.ask(registry, `${repository}/manifests/v0`)
      if (status !== 404) return `the old name answers ${status}`
    }
    const meant = job.result?.digest
    if (!meant) return 'it names no digest'
    if (request.kind === 'pull') {
      const reference = `${this.world.way.address}/${repository}@${meant}`
      const { status } = await engineRequest(this.world.engineHost(), 'GET', `/images/${reference}/json`)
      return status === 200 ? null : `the engine answers ${status}`
    }
    if ((request.kind === 'copy' || request.kind === 'restore') && meant !== request.digest)
      return `it became ${meant}`
    const manifest = await this.ask(registry, `${repository}/manifests/v1`)
    const held = manifest.headers['docker-content-digest']
    if (manifest.status !== 200 || held !== meant)
      return `${registry.host} answers ${manifest.status} ${String(held)}`
    const parsed = JSON.parse(manifest.text) as { config: { digest: string }; layers: { digest: string }[] }
    if (
      (request.kind === 'archive-push' && parsed.config.digest !== request.digest) ||
      ((request.kind === 'push' || request.kind === 'resumable-push') &&
        parsed.config.digest !== request.imageId)
    )
      return `it is another image: ${parsed.config.digest}`
    for (const { digest } of [parsed.config, ...parsed.layers]) {
      const { status } = await this.ask(registry, `${repository}/blobs/${digest}`, 'HEAD')
      if (status !== 200) return `blob ${digest} answers ${status}`
    }
    return null
  }

  /** Tags that were not meant stay, whatever came of a deletion. */
  private async siblings(request: JobRequest, name: string): Promise<void> {
    const isWithin = request.kind === 'copy' && request.from.registryId === request.registryId
    if (!isWithin && request.kind !== 'delete' && request.kind !== 'delete-tags') return
    const digest = request.kind === 'delete-tags' ? request.tags[0]?.digest : request.digest
    const { status, headers } = await this.ask(this.world.target, `${request.repository}/manifests/stays`)
    if (status !== 200 || headers['docker-content-digest'] !== digest)
      this.count('lost', `${name}: its sibling answers ${status}`)
    if (!isWithin) return
    // An image that gets another name has the old one or the new one at every moment.
    const held = await Promise.all(
      ['v0', 'v1'].map((tag) => this.ask(this.world.target, `${request.repository}/manifests/${tag}`)),
    )
    if (!held.some((answer) => answer.headers['docker-content-digest'] === digest))
      this.count('lost', `${name}: neither the old name nor the new one is there`)
  }

  /** Asks a registry itself, as one who may read. */
  private async ask(target: Registry, path: string, method = 'GET'): ReturnType<typeof httpGet> {
    const account = target.accounts.reader
    const basic: Record<string, string> = account
      ? { authorization: `Basic ${btoa(`${account.name}:${account.password}`)}` }
      : {}
    const headers: Record<string, string> = { accept, ...basic }
    if (target.tokens) {
      const name = path.replace(/\/(manifests|blobs)\/.*/, '')
      const query = new URLSearchParams({ service: target.name, scope: `repository:${name}:pull` })
      const { text } = await httpGet(`${target.tokens.realm}?${query}`, { headers: basic })
      headers.authorization = `Bearer ${(JSON.parse(text) as { token: string }).token}`
    }
    return httpGet(`${target.url}/v2/${path}`, { method, headers, ca: target.authority?.pem })
  }
}

const leftSessions = `SELECT count(*) AS count FROM upload_session WHERE job_id IN
  (SELECT id FROM job WHERE json_extract(body, '$.state') IN ('succeeded', 'cancelled'))`
