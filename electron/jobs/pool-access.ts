import type { PoolList } from '@shared/pool'
import type { PoolDriver } from '../deploy/driver'

/** What jobs need of the pools. */
export interface PoolAccess {
  /** POOL_UNKNOWN. */
  name(poolId: string): string
  /** POOL_UNKNOWN, and why the pool does not answer. */
  driver(poolId: string): Promise<PoolDriver>
  list(): Pick<PoolList, 'pools'>
}
