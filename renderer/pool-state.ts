import type { Pool } from '@shared/pool'

/** The dot of a pool's state. */
export const poolDot = (state: Pool['state']): 'online' | 'offline' | 'busy' | 'unknown' =>
  state === 'connecting' ? 'busy' : state
