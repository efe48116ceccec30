import { defineStore } from 'pinia'
import { ref, shallowReactive, shallowRef } from 'vue'
import type { CallInput } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import type { DeploymentActionRequest, Job } from '@shared/job'
import type {
  DeploymentDetail,
  DeploymentKey,
  DeploymentList,
  DeploymentSummary,
  Statistics,
} from '@shared/running'
import { call, on } from '@/api'
import { errorInfoOf } from '@/call-error'
import { type Entry, Snapshots } from './snapshots'
import { mergeStatistics } from './statistics'

/** One line that two deployments share exactly when they are the same. */
export const deploymentKey = ({ poolId, id }: DeploymentKey): string => `${poolId} ${id}`

const nothing: DeploymentList = { deployments: [], others: [], pools: [], revision: -1 }

/** What runs in the pools, and the details of each deployment that was opened; an older snapshot is dropped. */
export const useDeploymentsStore = defineStore('deployments', () => {
  const list = shallowRef<DeploymentList>(nothing)
  /** Why main could not be asked; why a pool could not stands with the pool. */
  const error = ref<ErrorInfo | null>(null)
  const details = new Snapshots<DeploymentDetail>()
  const statistics = shallowReactive(new Map<string, Statistics>())

  function take(next: DeploymentList): void {
    if (next.revision >= list.value.revision) list.value = next
  }
  function takeStatistics(next: Statistics): void {
    const key = deploymentKey(next)
    const known = statistics.get(key)
    statistics.set(key, known ? mergeStatistics(known, next) : next)
  }

  on('deployment:changed', take)
  on('deployment:detail-changed', (next) => details.take(deploymentKey(next), next))
  on('deployment:statistics-changed', takeStatistics)

  /** With `refresh` the pools are asked and waited for; a failure stays in `error`. */
  async function load(refresh = false): Promise<void> {
    try {
      take(await call('deployment:list', { refresh }))
      error.value = null
    } catch (thrown) {
      error.value = errorInfoOf(thrown)
    }
  }

  const find = ({ poolId, id }: DeploymentKey): DeploymentSummary | undefined =>
    list.value.deployments.find((one) => one.poolId === poolId && one.id === id)

  return {
    list,
    error,
    load,
    find,
    entry: (key: DeploymentKey): Entry<DeploymentDetail> | null => details.get(deploymentKey(key)),
    /** Asks for one deployment; the entry tells the error. */
    open: (key: DeploymentKey): Promise<void> =>
      details.read(deploymentKey(key), () => call('deployment:read', plainKey(key))),
    /** As `open`, and answers it; throws where it is not there. */
    read: (key: DeploymentKey): Promise<DeploymentDetail> => call('deployment:read', plainKey(key)),
    watch: (key: DeploymentKey): Promise<void> => call('deployment:watch', plainKey(key)),
    unwatch: (key: DeploymentKey): Promise<void> => call('deployment:unwatch', plainKey(key)),
    statisticsOf: (key: DeploymentKey): Statistics | null => statistics.get(deploymentKey(key)) ?? null,
    readStatistics: async (key: DeploymentKey): Promise<void> =>
      takeStatistics(await call('deployment:statistics', plainKey(key))),
    /** What was measured of a deployment that nobody looks at any more is let go of; main has it. */
    forgetStatistics: (key: DeploymentKey): void => void statistics.delete(deploymentKey(key)),
    /** Asks the registries which digests the deployed tags name now; null: of all deployments. */
    checkDrift: async (key: DeploymentKey | null): Promise<void> =>
      take(await call('deployment:check-drift', key && plainKey(key))),
    /** Queues the next version of a deployment; its job comes as `job:changed`. */
    apply: (input: CallInput<'deployment:apply'>): Promise<Job> => call('deployment:apply', input),
    act: (request: DeploymentActionRequest): Promise<Job> => call('job:enqueue', request),
  }
})

/** A summary is a key too; only the key is sent. */
const plainKey = ({ poolId, id }: DeploymentKey): DeploymentKey => ({ poolId, id })
