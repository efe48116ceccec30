import type { Tour } from './tour'

/** One thing that a user does, and what must be true afterwards: in the window, and at the registry or the engine. */
export interface Step {
  name: string
  run(tour: Tour): Promise<void>
}
