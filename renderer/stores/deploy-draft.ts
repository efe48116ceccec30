import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { CallOutput } from '@shared/contract'
import { type DeploymentSpec, emptySpec, type SpecProblem } from '@shared/deployment'
import type { ErrorInfo } from '@shared/error'
import type { Job } from '@shared/job'
import { canonicalHost, parseReference } from '@shared/reference'
import type { DeployReason } from '@shared/running'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'
import type { DeployQuestion } from '@/deploy-address'
import { type DeployForm, formOf, formPath, formProblems, secretsOf, specOf } from './deploy-form'
import { useDeployPlan } from './deploy-plan'
import { usePoolsStore } from './pools'
import { useRegistriesStore } from './registries'
import { watchInStore } from './store-watch'

export type Description = CallOutput<'deployment:read-description'>

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What a change of a deployment is called in its history. */
export function reasonOf(before: DeploymentSpec | null, after: DeploymentSpec): DeployReason {
  if (before === null) return 'new'
  if (same(before, { ...after, instances: before.instances })) return 'scale'
  return same(before.image, after.image) ? 'change' : 'upgrade'
}

/** The deployment that is being written: its form, where it goes, what main says to it. One at a time. */
export const useDeployDraftStore = defineStore('deploy-draft', () => {
  const pools = usePoolsStore()
  const registries = useRegistriesStore()

  const question = shallowRef<DeployQuestion>({ kind: 'empty', poolId: null })
  const status = ref<'loading' | 'empty' | 'ready' | 'failed'>('empty')
  const error = shallowRef<ErrorInfo | null>(null)
  const form = ref<DeployForm | null>(null)
  const poolId = ref<string | null>(null)
  /** What runs now, where the form changes it. */
  const before = shallowRef<DeploymentSpec | null>(null)
  const baseVersion = ref<number | null>(null)
  const kept = shallowRef<ReadonlySet<string>>(new Set())
  /** What of the last description file meant nothing here. */
  const unknownKeys = shallowRef<readonly string[]>([])
  const initial = ref('')
  /** Secret values stay in memory alone, though there is a keychain. */
  const sessionOnly = ref(false)
  let poolChosen = false
  let deliveryChosen = false
  let opening = 0

  const isChange = computed(() => question.value.kind === 'change')
  const spec = computed(() => (form.value ? specOf(form.value) : null))
  const problems = computed<ReadonlyMap<string, SpecProblem>>(() =>
    form.value ? formProblems(form.value, kept.value) : new Map(),
  )
  /** The user wanted to deploy: from now on fields that are still empty are marked too. */
  const attempted = ref(false)
  const state = (): string =>
    JSON.stringify([spec.value, form.value && secretsOf(form.value), poolId.value && poolChosen])
  const dirty = computed(() => form.value !== null && state() !== initial.value)
  const id = computed(() => (question.value.kind === 'change' ? question.value.id : null))

  const {
    plan,
    error: planError,
    stale,
    ask: planAgain,
    forget,
  } = useDeployPlan(() => {
    // A secret that is still to be typed changes nothing of what would be done.
    const open = [...problems.value].some(([path, problem]) => !isMissingSecret(path, problem))
    if (!spec.value || !poolId.value || open) return null
    return { poolId: poolId.value, id: id.value, spec: spec.value }
  })

  /** What is in the way in this pool, and what is good to know; each at its place in the form. */
  const planned = computed(() =>
    (plan.value?.problems ?? []).map((one) => ({
      ...one,
      path: form.value ? formPath(one.path, form.value) : one.path,
    })),
  )

  function isMissingSecret(path: string, problem: string): boolean {
    const [list, key, field] = path.split('.')
    if (problem !== 'required' || list !== 'environment' || field !== 'value') return false
    return form.value?.environment.some((row) => row.secret && row.key === Number(key)) ?? false
  }

  function take(next: DeploymentSpec): void {
    form.value = formOf(next)
    status.value = 'ready'
  }

  async function firstSpec(asked: DeployQuestion): Promise<DeploymentSpec | null> {
    if (asked.kind === 'empty') return null
    if (asked.kind === 'image') {
      const { source, platform } = asked
      return call('deployment:prefill', { source, platform, poolId: poolId.value })
    }
    const detail = await call('deployment:read', { poolId: asked.poolId, id: asked.id })
    before.value = detail.spec
    baseVersion.value = detail.summary.version
    kept.value = new Set(detail.spec.environment.filter(({ secret }) => secret).map(({ name }) => name))
    return detail.spec
  }

  /** Fills the form anew; a failure stays in `error`. */
  async function open(asked: DeployQuestion): Promise<void> {
    close()
    const mine = ++opening
    question.value = asked
    poolId.value = asked.poolId ?? pools.current?.id ?? null
    poolChosen = asked.poolId !== null
    status.value = 'loading'
    try {
      const found = await firstSpec(asked)
      if (mine !== opening) return
      if (found) take(found)
      else status.value = 'empty'
      initial.value = state()
    } catch (thrown) {
      if (mine !== opening) return
      status.value = 'failed'
      error.value = errorInfoOf(thrown)
    }
  }

  /** Empties secret values where they stand: parts of a page that is gone may hold the form for a while. */
  function forgetSecrets(): void {
    for (const row of form.value?.environment ?? []) if (row.secret) row.value = ''
  }

  /** Forgets everything, secret values first of all. */
  function close(): void {
    opening += 1
    forgetSecrets()
    form.value = null
    before.value = null
    baseVersion.value = null
    kept.value = new Set()
    unknownKeys.value = []
    error.value = null
    initial.value = ''
    attempted.value = false
    sessionOnly.value = false
    poolChosen = false
    deliveryChosen = false
    status.value = 'empty'
    forget()
  }

  /** Whether the engine pulls the image or has it already is another matter in another pool. */
  async function choosePool(next: string, byUser = true): Promise<void> {
    poolId.value = next
    poolChosen = poolChosen || byUser
    const asked = question.value
    if (asked.kind !== 'image' || deliveryChosen || !form.value) return
    const mine = opening
    const untouched = !dirty.value && !byUser
    const { source, platform } = asked
    const found = await call('deployment:prefill', { source, platform, poolId: next })
    if (mine !== opening || poolId.value !== next || !form.value) return
    if (form.value.image.reference === found.image.reference) form.value.image = found.image
    if (untouched) initial.value = state()
  }
  // Until the user says otherwise it goes where everything goes.
  watchInStore(
    () => pools.current?.id,
    (next) => {
      if (!next || isChange.value || poolChosen || next === poolId.value) return
      choosePool(next, false).catch((thrown: unknown) => (error.value = errorInfoOf(thrown)))
    },
  )

  function chooseDelivery(delivery: DeploymentSpec['image']['delivery']): void {
    deliveryChosen = true
    if (form.value) form.value.image = { ...form.value.image, delivery }
  }

  /** Another tag, or another image: what is known of its registry goes along. */
  function setReference(text: string): void {
    if (!form.value) return
    const { image } = form.value
    const named = parseReference(text)
    const hosts = registries.registries.filter(({ host }) => canonicalHost(host) === named?.host)
    const registry = hosts.find((one) => one.id === image.registryId) ?? hosts[0]
    form.value.image = {
      reference: text,
      digest: named?.digest ?? null,
      registryId: registry?.id ?? null,
      repository: registry && named ? named.repository : null,
      tag: registry && named ? named.tag : null,
      delivery: image.delivery,
    }
  }

  /** A description fills the whole form; a deployment that runs keeps its name. */
  function takeDescription(description: Description): void {
    const running = before.value
    take(running ? { ...description.spec, name: running.name } : description.spec)
    unknownKeys.value = description.unknown
  }

  const readDescription = async (text: string): Promise<void> =>
    takeDescription(await call('deployment:read-description', { text }))

  /** Shows a file picker; false when it was closed. */
  async function openDescription(): Promise<boolean> {
    const description = await call('deployment:open-description', undefined)
    if (description) takeDescription(description)
    return description !== null
  }

  /** Begins with a name alone, where no image was chosen. */
  function begin(): void {
    const image = { reference: '', digest: null, registryId: null, repository: null, tag: null }
    take(emptySpec({ ...image, delivery: 'pull' }, ''))
  }

  /** Hands it to main, with the secret values, this once; answers the job. */
  async function apply(keep: 'keychain' | 'session'): Promise<Job | null> {
    if (!form.value || !spec.value || !poolId.value) return null
    const job = await call('deployment:apply', {
      poolId: poolId.value,
      id: id.value,
      spec: spec.value,
      secrets: secretsOf(form.value),
      keep,
      reason: reasonOf(before.value, spec.value),
      baseVersion: baseVersion.value,
    })
    // Main keeps them from now on.
    kept.value = new Set([...kept.value, ...Object.keys(secretsOf(form.value))])
    forgetSecrets()
    initial.value = state()
    return job
  }

  return {
    question,
    status,
    error,
    form,
    spec,
    poolId,
    before,
    isChange,
    kept,
    unknownKeys,
    problems,
    attempted,
    sessionOnly,
    planned,
    dirty,
    plan,
    planError,
    stale,
    planAgain,
    open,
    close,
    choosePool,
    chooseDelivery,
    setReference,
    readDescription,
    openDescription,
    begin,
    apply,
    /** Shows a save dialog; the path, or null when it was closed. */
    saveText: (name: string, text: string): Promise<string | null> =>
      call('deployment:save-text', { name, text }),
  }
})
