import { randomUUID } from 'node:crypto'
import { AppError, type ErrorInfo, toAppError } from '@shared/error'
import { canonicalHost, dockerHub, referenceHost } from '@shared/reference'
import type {
  ProbeStep,
  Reachability,
  Registry,
  RegistryDraft,
  RegistryList,
  ServerCertificate,
  Trust,
} from '@shared/registry'
import type { Credentials, KeptIn } from '../credentials/credentials'
import type { EngineAuth } from '../engine/engine'
import type { Log } from '../log'
import { inspectCertificate } from '../registry/certificate'
import { checkCredential } from '../registry/check-credential'
import { type Credential, RegistryClient } from '../registry/client'
import { probe } from '../registry/probe'
import type { ProxyFor } from '../registry/proxy'
import { realmName } from '../registry/realm'
import { parseUrl } from '../registry/url'
import { Listeners } from '../store/listeners'
import { isSameParty, type RegistryStore, type StoredAccount, type StoredRegistry } from '../store/registries'
import { checkTrust } from '../store/registry-draft'
import { endpointOf, madeFrom } from './endpoint'
import { Passwords } from './passwords'
import { type Outcome, reachabilityOf } from './reachability'

export interface SignIn {
  registryId: string
  username: string
  password: string
  keep: KeptIn
}

/** What docker's own client keeps for a host. */
export type FindLogin = (host: string) => Promise<Credential | null>

interface Live {
  reachability: Reachability
  lastError: ErrorInfo | null
  client: RegistryClient | null
  /** What `client` was made from. */
  madeFrom: string
}

/** The registries with their accounts, their clients and how reachable they are. Unknown ids: REGISTRY_UNKNOWN. */
export class Registries {
  private readonly store: RegistryStore
  private readonly passwords: Passwords
  private readonly log: Log
  private readonly dockerLogin: FindLogin
  private readonly proxyFor: ProxyFor | undefined
  private readonly live = new Map<string, Live>()
  private readonly listeners = new Listeners<RegistryList>()
  private revision = 0

  constructor(parts: {
    store: RegistryStore
    credentials: Credentials
    dockerLogin?: FindLogin
    /** The environment's proxies where not given. */
    proxyFor?: ProxyFor
    log: Log
  }) {
    this.proxyFor = parts.proxyFor
    this.dockerLogin = parts.dockerLogin ?? (() => Promise.resolve(null))
    this.store = parts.store
    this.passwords = new Passwords(parts)
    this.log = parts.log
    this.passwords.onChange(() => this.tell())
  }

  snapshot(): RegistryList {
    const registries = this.store.list().map((stored) => this.toRegistry(stored))
    return { registries, unforgotten: this.passwords.left(), revision: this.revision }
  }

  on(listener: (list: RegistryList) => void): () => void {
    return this.listeners.add(listener)
  }

  get(id: string): Registry {
    return this.toRegistry(this.store.get(id))
  }

  /** The host as references write it; `docker.io` for Docker Hub. */
  host(id: string): string {
    return referenceHost(this.store.get(id))
  }

  async add(draft: RegistryDraft): Promise<Registry> {
    const { id } = await this.store.add(draft)
    return this.changed(id)
  }

  async change(id: string, draft: RegistryDraft): Promise<Registry> {
    const before = this.store.get(id).accounts
    const { accounts } = await this.store.change(id, draft)
    await this.passwords.forget(before.filter(({ id }) => !accounts.some((account) => account.id === id)))
    return this.changed(id)
  }

  /** Takes a registry out; the passwords of its accounts are forgotten. */
  async remove(id: string): Promise<void> {
    const { accounts } = this.store.get(id)
    await this.store.remove(id)
    this.live.get(id)?.client?.close()
    this.live.delete(id)
    await this.passwords.forget(accounts)
    this.tell()
  }

  /** Checks an account at the registry (UNAUTHORIZED), keeps its password (KEYCHAIN_...), and uses it from now on. */
  async signIn({ registryId, username, password, keep }: SignIn): Promise<Registry> {
    const registry = this.store.get(registryId)
    const context = { registryId, host: registry.host, account: username }
    const account: StoredAccount = { id: randomUUID(), username, where: keep }
    let replaced: readonly StoredAccount[] = []
    try {
      const credential = { username, password }
      await checkCredential(endpointOf(registry), credential, registry.confirmedRealms, {
        ...{ log: this.log, proxyFor: this.proxyFor },
      })
      await this.passwords.keep(account, password, async () => {
        const now = this.store.get(registryId)
        if (!isSameParty(registry, now)) throw new AppError('CANCELLED')
        replaced = now.accounts.filter((other) => other.username === username)
        await this.store.addAccount(registryId, account)
      })
    } catch (thrown) {
      throw toAppError(thrown).with(context)
    }
    await this.passwords.forget(replaced)
    this.changed(registryId)
    this.report(registryId, { ok: true })
    return this.get(registryId)
  }

  /** The certificate chain that a host shows; see `inspectCertificate`. */
  inspectCertificate(host: string, trust: Trust): Promise<ServerCertificate> {
    return inspectCertificate(host, trust, undefined, this.proxyFor)
  }

  /** The user name with which docker's own client is signed in to a registry, or null. */
  async dockerUser(id: string): Promise<string | null> {
    return (await this.dockerLogin(this.host(id)))?.username ?? null
  }

  /** Signs in with the account of docker's own client; CREDENTIAL_MISSING where it has none. */
  async adoptDockerLogin(registryId: string, keep: KeptIn): Promise<Registry> {
    const login = await this.dockerLogin(this.host(registryId))
    if (login) return this.signIn({ registryId, keep, ...login })
    throw new AppError('CREDENTIAL_MISSING', { side: 'registry', registryId, host: this.host(registryId) })
  }

  /** Takes an account out and forgets its password. */
  async signOut(id: string, accountId: string): Promise<Registry> {
    const accounts = this.store.get(id).accounts.filter((account) => account.id === accountId)
    await this.store.removeAccount(id, accountId)
    await this.passwords.forget(accounts)
    return this.changed(id)
  }

  async chooseAccount(id: string, accountId: string | null): Promise<Registry> {
    await this.store.chooseAccount(id, accountId)
    return this.changed(id)
  }

  /** Pins a token service that may have this registry's credentials; INPUT_INVALID where it is no plain URL. */
  async confirmRealm(id: string, realm: string): Promise<Registry> {
    const url = parseUrl(realm)
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
      throw new AppError('INPUT_INVALID', { side: 'program', registryId: id, field: 'realm' })
    }
    await this.store.confirmRealm(id, realmName(url))
    return this.changed(id)
  }

  /**
   * Tries a draft step by step. The account of registry `id` is used only where the draft speaks to the same host no less
   * securely: trying another address must not carry a password there.
   */
  async probe(input: {
    id: string | null
    draft: RegistryDraft
    /** The account as it was typed: used for this test and kept nowhere. */
    account: Credential | null
    onSteps: (steps: ProbeStep[]) => void
    signal?: AbortSignal
  }): Promise<ProbeStep[]> {
    const { id, draft, account, onSteps } = input
    const host = canonicalHost(draft.host)
    const endpoint = { host, protocol: draft.protocol, trust: checkTrust(draft.trust, host) }
    const stored = id === null ? null : this.store.get(id)
    const known = stored && isSameParty(stored, endpoint) ? stored : null
    const steps = await probe({
      ...(this.proxyFor && { proxyFor: this.proxyFor }),
      endpoint,
      resolveCredential: async () => account ?? (known ? this.credential(known.id) : null),
      confirmedRealms: () => known?.confirmedRealms ?? [],
      namespace: draft.privateRole?.namespace ?? draft.publicRole?.namespace ?? null,
      signal: input.signal ?? AbortSignal.timeout(120_000),
      onSteps,
      log: this.log,
    })
    if (known && account === null && madeFrom(known) === madeFrom({ ...known, ...endpoint }))
      this.reportSteps(known.id, steps)
    return steps
  }

  /** The client of a registry, made anew when its endpoint or its account changed: ask each time, do not keep it. */
  client(id: string): RegistryClient {
    const registry = this.store.get(id)
    const live = this.liveOf(registry)
    live.client ??= new RegistryClient({
      ...(this.proxyFor && { proxyFor: this.proxyFor }),
      endpoint: endpointOf(registry),
      resolveCredential: () => this.credential(id),
      confirmedRealms: () => this.store.get(id).confirmedRealms,
      log: this.log,
    })
    return live.client
  }

  /** The account in use, for an engine's own requests; null without one. CREDENTIAL_MISSING, KEYCHAIN_... */
  async engineAuth(id: string): Promise<EngineAuth | null> {
    const host = this.host(id)
    const credential = await this.credential(id)
    const serverAddress = host === dockerHub ? 'https://index.docker.io/v1/' : host
    return credential && { ...credential, serverAddress }
  }

  /** To be told after requests: sets how reachable a registry is. One that is gone meanwhile is passed over. */
  report(id: string, outcome: Outcome): void {
    const stored = this.store.list().find((registry) => registry.id === id)
    const reachability = reachabilityOf(outcome)
    if (!stored || reachability === null) return
    const live = this.liveOf(stored)
    const lastError = outcome.ok || reachability === 'online' ? null : outcome.error.toInfo()
    if (live.reachability === reachability && live.lastError?.code === lastError?.code) return
    Object.assign(live, { reachability, lastError })
    this.tell()
  }

  /** Has the keychain forget what it could not be made to forget earlier; KEYCHAIN_... where it still cannot. */
  async forgetLeft(): Promise<RegistryList> {
    const refusal = await this.passwords.forget()
    this.tell()
    if (refusal !== null) throw refusal
    return this.snapshot()
  }

  /** Ends all clients. */
  close(): void {
    for (const { client } of this.live.values()) client?.close()
    this.live.clear()
  }

  private credential(id: string): Promise<Credential | null> {
    return this.passwords.credentialOf(this.store.get(id))
  }

  private reportSteps(id: string, steps: readonly ProbeStep[]): void {
    const { code, context, detail } = steps.find((step) => step.state === 'failed')?.error ?? { code: null }
    this.report(
      id,
      code === null ? { ok: true } : { ok: false, error: new AppError(code, context, { detail }) },
    )
  }

  private changed(id: string): Registry {
    this.tell()
    return this.get(id)
  }

  private tell(): void {
    this.revision += 1
    this.listeners.tell(this.snapshot())
  }

  /** The live state; begun anew, and the old client ended, when it was made from another endpoint or account. */
  private liveOf(registry: StoredRegistry): Live {
    const old = this.live.get(registry.id)
    const from = madeFrom(registry)
    if (old?.madeFrom === from) return old
    old?.client?.close()
    this.live.set(registry.id, { reachability: 'unknown', lastError: null, client: null, madeFrom: from })
    return this.liveOf(registry)
  }

  private toRegistry(stored: StoredRegistry): Registry {
    const { reachability, lastError } = this.liveOf(stored)
    return { ...stored, accounts: this.passwords.shown(stored.accounts), reachability, lastError }
  }
}
