import type { Scene } from './scene'

/** One thing that a stranger may try. */
export interface Case {
  name: string
  /** Nothing else runs beside it, and the program's memory is watched. */
  bomb?: true
  /** Takes its time: left to the whole experiment; a unit test has the same on a small scale. */
  long?: true
  run(scene: Scene): Promise<void>
}

/** What went wrong: `lost` without a proper end, `falseSuccess` taken for good or kept, `leaked` where it does not belong. */
export type Harm = 'lost' | 'falseSuccess' | 'leaked'

export interface Complaint {
  case: string
  harm: Harm
  what: string
}
