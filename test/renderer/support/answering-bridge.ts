/** A bridge that answers calls as a test says, keeps what was asked, and emits events; and samples of what main tells. */
import { vi } from 'vitest'
import type { CallInput, CallName, CallOutput, EventName, EventPayload, Result } from '@shared/contract'
import type { LocalImage } from '@shared/engine'
import type { ErrorInfo } from '@shared/error'
import { type Job, noProgress } from '@shared/job'
import type { PushPlan, TransferPlan } from '@shared/plan'
import type { Registry } from '@shared/registry'
import { defaultSettings } from '@shared/settings'

type Answers = { [K in CallName]?: (input: CallInput<K>) => CallOutput<K> | Promise<CallOutput<K>> }

/** Thrown by an answer: what main would refuse a call with. */
export class Refusal extends Error {
  constructor(readonly info: ErrorInfo) {
    super(info.code)
  }
}

export interface AnsweringBridge {
  /** Inputs of one call, in order. */
  asked<K extends CallName>(name: K): CallInput<K>[]
  emit<K extends EventName>(name: K, payload: EventPayload<K>): void
}

/** Puts the bridge into the window until `vi.unstubAllGlobals()`. A call without an answer is refused with INTERNAL. */
export function answeringBridge(answers: Answers): AnsweringBridge {
  const asked: [string, unknown][] = []
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  const all = new Map<string, unknown>(Object.entries({ 'settings:read': () => defaultSettings, ...answers }))

  async function invoke(name: string, input: unknown): Promise<Result<unknown>> {
    asked.push([name, input])
    const answer = all.get(name)
    if (typeof answer !== 'function') {
      return { ok: false, error: { code: 'INTERNAL', context: {}, detail: `no answer to ${name}` } }
    }
    try {
      return { ok: true, value: await answer(input) }
    } catch (thrown) {
      if (thrown instanceof Refusal) return { ok: false, error: thrown.info }
      throw thrown
    }
  }
  function on(name: string, listener: (payload: unknown) => void): () => void {
    const set = listeners.get(name) ?? new Set()
    listeners.set(name, set.add(listener))
    return () => void set.delete(listener)
  }
  vi.stubGlobal('slipway', { invoke, on, pathOf: () => '' })

  return {
    asked: (name) =>
      asked.filter(([one]) => one === name).map(([, input]) => input as CallInput<typeof name>),
    emit: (name, payload) => listeners.get(name)?.forEach((listener) => listener(payload)),
  }
}

export const sha = (letter: string): string => `sha256:${letter.repeat(64)}`

export const localImage = (letter: string, ...references: string[]): LocalImage => ({
  id: sha(letter),
  references,
  repositoryDigests: [],
  size: 1000,
  created: 0,
  containers: 0,
})

export const privateRegistry = (changes: Partial<Registry> = {}): Registry => ({
  id: 'mine',
  name: 'Mine',
  host: 'registry.example',
  protocol: 'https',
  trust: { kind: 'system' },
  preset: 'other',
  publicRole: null,
  privateRole: { namespace: '727524' },
  accounts: [],
  activeAccountId: null,
  confirmedRealms: [],
  reachability: 'online',
  lastError: null,
  ...changes,
})

export const freePlan: PushPlan = {
  platform: 'linux/amd64',
  layers: 2,
  layersThere: 0,
  bytes: 1000,
  bytesThere: 0,
  existing: null,
  platformsLost: [],
  same: false,
  error: null,
}

/** Nothing is at the target, nothing has to be left out. */
export const freeTransfer: TransferPlan = {
  digest: sha('d'),
  platforms: ['linux/amd64'],
  layers: 2,
  layersThere: 0,
  layersMounted: 0,
  bytes: 1000,
  bytesThere: 0,
  bytesMounted: 0,
  referrers: 0,
  existing: null,
  platformsLost: [],
  same: false,
  error: null,
}

export const pushJob = (changes: Partial<Job> = {}): Job => ({
  id: 'job',
  request: {
    kind: 'push',
    imageId: sha('a'),
    source: 'nginx:1.25',
    registryId: 'mine',
    repository: '727524/nginx',
    tag: 'v1',
    replaces: null,
  },
  host: 'registry.example',
  state: 'running',
  progress: noProgress,
  bytesPerSecond: null,
  createdAt: 0,
  startedAt: 0,
  endedAt: null,
  attempt: 1,
  error: null,
  result: null,
  revision: 1,
  ...changes,
})
