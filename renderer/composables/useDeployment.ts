import { computed, onBeforeUnmount, onMounted, ref, watch } from 'vue'
import type { ErrorInfo } from '@shared/error'
import { isEnded, isPoolJob, type PoolJob } from '@shared/job'
import type { DeploymentDetail, DeploymentKey } from '@shared/running'
import { errorInfoOf } from '@/call-error'
import { useDeploymentsStore } from '@/stores/deployments'
import { useJobsStore } from '@/stores/jobs'

/** `making`: there is nothing yet but the job that makes it, or that could not. */
export type DeploymentCondition = 'ready' | 'loading' | 'making' | 'failed' | 'gone'

/** One deployment while its page is shown: followed, with the jobs that change it. */
export function useDeployment(key: DeploymentKey) {
  const deployments = useDeploymentsStore()
  const jobs = useJobsStore()
  const watchError = ref<ErrorInfo | null>(null)
  const refreshing = ref(false)

  const entry = computed(() => deployments.entry(key))
  const detail = computed<DeploymentDetail | null>(() => entry.value?.snapshot ?? null)
  const ownJobs = computed<PoolJob[]>(() =>
    jobs.jobs
      .filter(isPoolJob)
      .filter(({ request }) => request.poolId === key.poolId && request.deploymentId === key.id),
  )
  const active = computed(() => ownJobs.value.find(({ state }) => !isEnded(state)) ?? null)
  /** What the page tells of its jobs: those under way, and the last one where it did not succeed. */
  const told = computed(() => {
    const running = ownJobs.value.filter(({ state }) => !isEnded(state))
    const last = ownJobs.value[0]
    return last && running.length === 0 && last.state !== 'succeeded' ? [last] : running
  })
  const error = computed(() => entry.value?.error ?? detail.value?.error ?? watchError.value)
  const unknown = computed(() => error.value?.code === 'DEPLOYMENT_UNKNOWN')
  const condition = computed<DeploymentCondition>(() => {
    if (detail.value && !unknown.value) return 'ready'
    if (told.value.some(({ request }) => request.kind === 'deploy')) return 'making'
    if (unknown.value) return 'gone'
    return entry.value?.error ? 'failed' : 'loading'
  })

  async function refresh(): Promise<void> {
    refreshing.value = true
    await deployments.open(key)
    refreshing.value = false
  }
  const failed = (thrown: unknown): void => void (watchError.value = errorInfoOf(thrown))

  // A job that ends, or a deployment that comes into the list, is worth a look.
  watch(
    () => ownJobs.value.filter(({ state }) => isEnded(state)).length,
    () => void refresh(),
  )
  watch(
    () => deployments.find(key) !== undefined,
    (there) => {
      if (there !== (condition.value === 'ready')) void refresh()
    },
  )
  // Main counts who follows: once begun, once ended.
  onMounted(() => {
    deployments.watch(key).catch(failed)
    void refresh()
  })
  onBeforeUnmount(() => void deployments.unwatch(key).catch(failed))

  return { detail, error, condition, active, told, refreshing, refresh }
}
