/** The program's own services in plain Node, in a folder of their own: what runs behind the window. */
import { mkdirSync } from 'node:fs'
import type { Emit, EventName, EventPayload } from '@shared/contract'
import type { Job, JobRequest } from '@shared/job'
import type { RegistryDraft } from '@shared/registry'
import { createLog } from '../../electron/log'
import { SettingsStore } from '../../electron/store/settings'
import { createServices, type Services } from '../../electron/services'
import { MemoryKeychain } from '../electron/credentials/memory-keychain'
import { temporaryFolder } from '../lab/temporary'

export interface OpenServices {
  services: Services
  /** The program's data folder. */
  folder: string
  /** Resolves with the first event from now on that `wanted` takes. */
  next<K extends EventName>(name: K, wanted: (payload: EventPayload<K>) => boolean): Promise<EventPayload<K>>
  /** Puts a job into the queue and resolves when it has succeeded; fails with the job's error otherwise. */
  run(request: JobRequest): Promise<Job>
  /** Closes the services; a folder that was made here goes. */
  close(): Promise<void>
}

/** Opens the services in `folder`, or in a new one that goes with them. */
export function openServices(folder?: string, environment: NodeJS.ProcessEnv = {}): OpenServices {
  const temporary = folder === undefined ? temporaryFolder('bench-data') : null
  const data = folder ?? temporary?.path ?? ''
  mkdirSync(data, { recursive: true })
  const waiting = new Set<(name: EventName, payload: unknown) => void>()
  const emit: Emit = (name, payload) => {
    for (const look of [...waiting]) look(name, payload)
  }
  const log = createLog((line) => {
    if (process.env.BENCH_LOG) console.error(line)
  })
  const services = createServices({
    ...{ folder: data, home: data, environment, platform: process.platform, emit },
    writeClipboard: () => {},
    keychain: new MemoryKeychain(),
    settings: new SettingsStore(data, log),
    log,
  })
  const open: OpenServices = {
    services,
    folder: data,
    next: <K extends EventName>(wantedName: K, wanted: (payload: EventPayload<K>) => boolean) =>
      new Promise<EventPayload<K>>((done) => {
        const look = (name: EventName, payload: unknown): void => {
          if (name !== wantedName || !wanted(payload as EventPayload<K>)) return
          waiting.delete(look)
          done(payload as EventPayload<K>)
        }
        waiting.add(look)
      }),
    async run(request) {
      const { id } = services.queue.enqueue(request)
      const isOver = (job: Job): boolean => job.id === id && job.endedAt !== null
      const known = services.queue.list().find(isOver)
      const job = known ?? (await open.next('job:changed', isOver))
      if (job.state !== 'succeeded') throw new Error(`${request.kind}: ${JSON.stringify(job.error)}`)
      return job
    },
    async close() {
      await services.stop()
      temporary?.remove()
    },
  }
  return open
}

/** A registry over http as the form would send it. */
export function draftOf(
  host: string,
  roles: Partial<Pick<RegistryDraft, 'publicRole' | 'privateRole'>> = {},
): RegistryDraft {
  return {
    ...{ name: `Registry ${host}`, host, protocol: 'http', trust: { kind: 'system' }, preset: 'other' },
    ...{ publicRole: { namespace: '' }, privateRole: null, ...roles },
  }
}
