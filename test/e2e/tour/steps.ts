import { after, offline } from './after'
import { arrive } from './arrive'
import { browse } from './browse'
import { deploy } from './deploy'
import { pools } from './pools'
import { push } from './push'
import { registryEngine } from './registry-engine'
import type { Step } from './step'

/** The whole tour, in its order: each step goes on from where the one before it ended. */
export const steps: readonly Step[] = [
  ...arrive,
  ...browse,
  ...push,
  ...registryEngine,
  ...after,
  ...deploy,
  ...pools,
  ...offline,
]
