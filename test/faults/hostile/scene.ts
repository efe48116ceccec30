import { join } from 'node:path'
import type { CatalogSnapshot, ImageSnapshot, RepositorySnapshot } from '@shared/browse'
import type { ErrorCode, ErrorInfo } from '@shared/error'
import { toAppError } from '@shared/error'
import type { Job, JobRequest } from '@shared/job'
import { isEnded } from '@shared/job'
import type { RegistryDraft } from '@shared/registry'
import type { Certificate } from '../../lab/certificate'
import { until } from '../../lab/until'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { json, TestServer, type Handler } from '../../support/registry/test-server'
import type { ProgramProcess } from '../program-process'
import { Canary } from './canary'
import type { Complaint, Harm } from './case'

/** For one answer to come to its end, milliseconds; a busy machine needs it. */
const patience = 120_000

/** A registry that the user has named, with its account. */
export interface Party {
  server: InProcessRegistry
  id: string
  password: Canary
}

/** What a case is made of, and what it finds. */
export class Scene {
  readonly complaints: Complaint[] = []
  readonly canaries: Canary[] = []
  /** Addresses that this case lets the program reach. */
  readonly named = new Set<string>()
  readonly parties: Party[] = []
  /** Registries of which something proper may be kept. */
  readonly honest = new Set<string>()
  /** Names that it lets the program look up. */
  readonly lookedUp = new Set<string>()
  /** Whether a password was given away to its owner, so that the ledger has seen it. */
  signedIn = false
  private readonly servers: TestServer[] = []

  constructor(
    readonly name: string,
    readonly program: ProgramProcess,
    /** Of the case's own files. */
    readonly folder: string,
    /** A file outside that nothing may lead to. */
    readonly outside: string,
  ) {}

  /** Starts a registry that is honest as far as no rule says otherwise, and adds it to the program. */
  async registry(options: { certificate?: Certificate; pem?: string } = {}): Promise<Party> {
    const { certificate, pem } = options
    const server = await InProcessRegistry.start(certificate ? { certificate } : {})
    this.servers.push(server)
    this.named.add(server.host)
    const draft: RegistryDraft = {
      ...{ name: `R${server.port}`, host: server.host, preset: 'other' },
      protocol: certificate ? 'https' : 'http',
      trust: pem === undefined ? { kind: 'system' } : { kind: 'pem', pem },
      ...{ publicRole: { namespace: '' }, privateRole: null },
    }
    const added = await this.program.call('registry:add', draft).catch((thrown: unknown) => {
      // The system gave us the port of a case that is over.
      if (toAppError(thrown).code === 'REGISTRY_DUPLICATE') return null
      throw thrown
    })
    if (added === null) return this.registry(options)
    const party = { server, id: added.id, password: this.canary('password', server) }
    this.parties.push(party)
    return party
  }

  /** A server elsewhere; `allowed`: the program may speak to it, without secrets. */
  async elsewhere(
    handler: Handler = (_request, response) => void response.writeHead(200).end('{}'),
    allowed = false,
  ): Promise<TestServer> {
    const server = await TestServer.start({ fallback: handler })
    this.servers.push(server)
    if (allowed) this.named.add(server.host)
    return server
  }

  canary(name: string, ...owners: readonly TestServer[]): Canary {
    const canary = new Canary(name)
    for (const { host } of owners) canary.owners.add(host)
    this.canaries.push(canary)
    return canary
  }

  /** Makes a registry ask for a token, and its own token service answer one; answers what that token is. */
  askForToken({ server, password }: Party, answer: (token: string) => Handler = tokenAnswer): Canary {
    const token = this.canary('token', server)
    const challenge = `Bearer realm="${server.url}/token",service="lab"`
    server.on('*', /^\/v2\//, ({ headers }, response) => {
      if (headers.authorization === `Bearer ${token.token}`) return false
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    })
    server.on('GET', '/token', (request, response) => {
      const given = String(request.headers.authorization ?? '')
      const known = Buffer.from(given.slice(6), 'base64').toString().endsWith(password.value)
      if (given !== '' && !known) return void response.writeHead(401).end()
      return answer(token.token)(request, response)
    })
    return token
  }

  async signIn({ id, password }: Party, username = 'developer'): Promise<void> {
    await this.program.call('account:sign-in', {
      ...{ registryId: id, username, password: password.value, keep: 'session' },
    })
    this.signedIn = true
  }

  async catalog({ id }: Party): Promise<CatalogSnapshot> {
    const ask = (refresh: 'force' | 'never'): Promise<CatalogSnapshot> =>
      this.program.call('catalog:read', { registryId: id, section: 'public', refresh })
    return settled(ask)
  }

  async repository({ id }: Party, repository = 'a'): Promise<RepositorySnapshot> {
    const ask = (refresh: 'force' | 'never'): Promise<RepositorySnapshot> =>
      this.program.call('repository:read', { registryId: id, repository, refresh })
    return settled(ask)
  }

  async image({ id }: Party, reference = 'v1', repository = 'a'): Promise<ImageSnapshot> {
    const ask = (refresh: 'force' | 'never'): Promise<ImageSnapshot> =>
      this.program.call('image:read', { registryId: id, repository, reference, refresh })
    return settled(ask)
  }

  /** Runs a job to its end. */
  async job(request: JobRequest): Promise<Job> {
    const { id } = await this.program.call('job:enqueue', request)
    return until(
      `the job ${request.kind}`,
      async () => (await this.program.jobs()).find((job) => job.id === id && isEnded(job.state)),
      { timeout: patience },
    )
  }

  copy(from: Party, digest: string, to: Party, reference = 'v1'): Promise<Job> {
    return this.job({
      ...{ kind: 'copy', from: { registryId: from.id, repository: 'a', reference }, digest },
      ...{ registryId: to.id, repository: 'b', tag: 'v1', replaces: null, removeSource: false },
    })
  }

  /** The error that a call ends with; null where it succeeds. */
  async failureOf(call: Promise<unknown>): Promise<ErrorInfo | null> {
    return call.then(
      () => null,
      (thrown: unknown) => toAppError(thrown).toInfo(),
    )
  }

  /** Complains where an error is another one than these, or none. */
  expect(error: ErrorInfo | null | undefined, ...codes: ErrorCode[]): void {
    if (!error) return this.complain('falseSuccess', `no error, ${codes.join(' or ')} was expected`)
    if (codes.includes(error.code)) return
    this.complain('lost', `${error.code} (${error.detail ?? ''}) instead of ${codes.join(' or ')}`)
  }

  check(holds: boolean, harm: Harm, what: string): void {
    if (!holds) this.complain(harm, what)
  }

  complain(harm: Harm, what: string): void {
    this.complaints.push({ case: this.name, harm, what })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  async end(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()))
  }
}

export const tokenAnswer = (token: string): Handler => json(200, { token, expires_in: 300 })

/** Asks the registry, and waits until what comes back has come to its end. */
async function settled<T extends { refreshing: boolean }>(
  ask: (refresh: 'force' | 'never') => Promise<T>,
): Promise<T> {
  await ask('force')
  return until(
    'an end of the refresh',
    async () => {
      const now = await ask('never')
      return now.refreshing ? null : now
    },
    { timeout: patience, interval: 20 },
  )
}
