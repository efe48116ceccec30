import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { LocalImage } from '@shared/engine'
import type { Job } from '@shared/job'
import { canonicalHost } from '@shared/reference'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'
import { useEngineStore } from './engine'
import { useJobsStore } from './jobs'
import {
  type DraftProblems,
  type PlanState,
  type PushAim,
  type PushDraft,
  draftProblems,
  isStartable,
  makeDraft,
  planMatches,
  planRequest,
  pushRequest,
} from './push-draft'
import { namespaceOf, useRegistriesStore } from './registries'

/** How long a target must stay as it is before its plan is asked, in ms. */
export const planDelay = 300

/** The pushes that are being written: what goes where, what the registry says to it, and whether it may start. */
export const useComposerStore = defineStore('composer', () => {
  const engine = useEngineStore()
  const jobs = useJobsStore()
  const registries = useRegistriesStore()

  const isOpen = ref(false)
  const items = ref<PushDraft[]>([])
  const plans = ref<Record<string, PlanState>>({})
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  // Each question has a number; only the answer to a draft's last question counts.
  const asked = new Map<string, number>()
  let questions = 0

  const planOf = (key: string): PlanState => plans.value[key] ?? { state: 'none' }
  const problems = computed(
    () =>
      new Map<string, DraftProblems>(
        items.value.map((item) => [item.key, draftProblems(item, items.value, planOf(item.key))]),
      ),
  )
  const startable = computed(
    () => items.value.length > 0 && [...problems.value.values()].every((one) => isStartable(one)),
  )

  async function ask(key: string): Promise<void> {
    const item = items.value.find((one) => one.key === key)
    const request = item ? planRequest(item) : null
    if (!request) return
    const question = ++questions
    asked.set(key, question)
    let answer: PlanState
    try {
      answer = { state: 'ready', request, plan: await call('push:plan', request) }
    } catch (thrown) {
      answer = { state: 'failed', request, error: errorInfoOf(thrown) }
    }
    if (asked.get(key) === question) plans.value = { ...plans.value, [key]: answer }
  }

  /** Asks for a draft's plan once its target rests; `now` asks at once, also where an answer is there. */
  function plan(key: string, now = false): void {
    clearTimeout(timers.get(key))
    const item = items.value.find((one) => one.key === key)
    const request = item ? planRequest(item) : null
    if (!item || !request) {
      asked.delete(key)
      plans.value = { ...plans.value, [key]: { state: 'none' } }
      return
    }
    const known = planOf(key)
    if (!now && known.state !== 'asking' && planMatches(known, item)) return
    plans.value = { ...plans.value, [key]: { state: 'asking', request } }
    asked.delete(key)
    timers.set(
      key,
      setTimeout(() => void ask(key), now ? 0 : planDelay),
    )
  }

  function aimOf(target: PushAim | undefined): Parameters<typeof makeDraft>[2] {
    const registry = registries.byId(target?.registryId ?? null) ?? registries.current('private')
    return {
      registryId: registry?.id ?? '',
      host: registry ? canonicalHost(registry.host) : '',
      namespace: target?.namespace ?? (registry ? namespaceOf(registry, 'private') : ''),
      repository: target?.repository ?? null,
    }
  }

  /**
   * Opens the composer for local images, or for names and IDs of some; without a target for the current private
   * registry's namespace. What the engine does not have is left out; with nothing left the composer stays as it is.
   */
  function open(images: readonly (LocalImage | string)[], target?: PushAim): void {
    const aim = aimOf(target)
    const drafts = new Map<string, PushDraft>()
    for (const entry of images) {
      const image = typeof entry === 'string' ? engine.find(entry) : entry
      if (!image || drafts.has(image.id)) continue
      const named = typeof entry === 'string' && image.references.includes(entry) ? entry : null
      drafts.set(image.id, makeDraft(image, named ?? image.references[0] ?? null, aim))
    }
    if (drafts.size === 0) return
    reset()
    items.value = [...drafts.values()]
    isOpen.value = true
    for (const item of items.value) plan(item.key, true)
  }

  /** Changes one draft; a changed target is planned anew, and nothing is agreed for it yet. */
  function change(key: string, patch: Partial<Omit<PushDraft, 'key' | 'image'>>): void {
    const agreed = patch.target ? { agreed: null } : {}
    items.value = items.value.map((item) => (item.key === key ? { ...item, ...agreed, ...patch } : item))
    plan(key)
  }

  /** Takes an image under another of its names: the target is proposed anew, into the same namespace. */
  function chooseReference(key: string, reference: string): void {
    const item = items.value.find((one) => one.key === key)
    if (!item) return
    const { host, tenant } = item.target
    const aim = { registryId: item.registryId, host, namespace: tenant, repository: null }
    const { target } = makeDraft(item.image, reference, aim)
    change(key, { reference, target })
  }

  /** Aims a draft at another registry's private namespace; its name and tag stay. */
  function chooseRegistry(key: string, registryId: string): void {
    const item = items.value.find((one) => one.key === key)
    const registry = registries.byId(registryId)
    if (!item || !registry) return
    const place = { host: canonicalHost(registry.host), tenant: namespaceOf(registry, 'private') }
    change(key, { registryId, target: { ...item.target, ...place } })
  }

  function remove(key: string): void {
    clearTimeout(timers.get(key))
    asked.delete(key)
    items.value = items.value.filter((item) => item.key !== key)
    if (items.value.length === 0) close()
  }

  function reset(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    asked.clear()
    plans.value = {}
    items.value = []
  }

  function close(): void {
    isOpen.value = false
    reset()
  }

  /**
   * Enqueues every draft and closes. When main refuses one, those before it are under way and leave the composer; the
   * refused one and the rest stay in it, and its error is thrown.
   */
  async function start(): Promise<Job[]> {
    const started: Job[] = []
    if (!startable.value) return started
    for (const item of [...items.value]) {
      started.push(await jobs.enqueue(pushRequest(item, planOf(item.key))))
      remove(item.key)
    }
    return started
  }

  return {
    isOpen,
    items,
    problems,
    startable,
    planOf,
    plan,
    open,
    change,
    chooseReference,
    chooseRegistry,
    remove,
    close,
    start,
  }
})
