/** A cache in a temporary folder, a registry in memory, the readers over both, and the events that they sent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { events, type Emit, type EventName, type EventPayload } from '@shared/contract'
import { AppError } from '@shared/error'
import type { Registry } from '@shared/registry'
import { Browse } from '../../../electron/browse/browse'
import type { BrowseClient, RegistryAccess } from '../../../electron/browse/registry-access'
import { openCache, type Cache } from '../../../electron/cache/cache'
import { silentLog } from '../../../electron/log'
import { FakeRegistry } from './fake-registry'

export const registry: Registry = {
  id: 'r',
  name: 'Registry',
  host: '127.0.0.1:5000',
  protocol: 'http',
  trust: { kind: 'system' },
  preset: 'other',
  publicRole: { namespace: 'library' },
  privateRole: { namespace: '727524' },
  accounts: [],
  activeAccountId: null,
  confirmedRealms: [],
  reachability: 'unknown',
  lastError: null,
}

export class Setting {
  readonly fake = new FakeRegistry()
  client: BrowseClient = this.fake
  readonly sent: { name: EventName; payload: unknown; at: number }[] = []
  readonly reports: ('ok' | string)[] = []
  registry: Registry = registry
  time = 1_700_000_000_000
  browse: Browse
  private readonly folder = mkdtempSync(join(tmpdir(), 'slipway-browse-'))
  cache: Cache

  constructor() {
    this.cache = openCache(this.folder, silentLog)
    this.browse = this.build()
  }

  events<K extends EventName>(name: K): EventPayload<K>[] {
    return this.sent.filter((event) => event.name === name).map((event) => event.payload as EventPayload<K>)
  }

  last<K extends EventName>(name: K): EventPayload<K> | undefined {
    return this.events(name).at(-1)
  }

  /** The program ends and starts again on the same folder. */
  async restart(): Promise<void> {
    await this.browse.stop()
    this.cache.close()
    this.sent.length = 0
    this.cache = openCache(this.folder, silentLog)
    this.browse = this.build()
  }

  async remove(): Promise<void> {
    await this.browse.stop()
    this.cache.close()
    rmSync(this.folder, { recursive: true })
  }

  private build(): Browse {
    const registries: RegistryAccess = {
      client: () => this.client,
      get: (id) => {
        if (id !== this.registry.id) throw new AppError('REGISTRY_UNKNOWN')
        return this.registry
      },
      report: (_id, outcome) => void this.reports.push(outcome.ok ? 'ok' : outcome.error.code),
    }
    const emit: Emit = (name, payload) => {
      events[name].parse(payload)
      this.sent.push({ name, payload, at: performance.now() })
    }
    return new Browse({ cache: this.cache, registries, emit, log: silentLog, now: () => this.time })
  }
}
