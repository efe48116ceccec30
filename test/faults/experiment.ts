/** What an experiment is, and what comes out of it. All but `runs` are to be zero. */

export interface Counts {
  runs: number
  /** Accepted jobs that are not there any more, have no end or no reason; settings, pins or databases that are damaged. */
  lost: number
  /** Jobs that say that they succeeded where registry or engine say otherwise. */
  falseSuccess: number
  /** Jobs that wrote or deleted the same thing twice, or ran again after they had ended. */
  duplicated: number
  /** Half-made things: names at the engine, files in the spool, temporary files, sessions of jobs that are over. */
  leaked: number
}

export interface Experiment {
  name: string
  what: string
  /** Whether it is part of the tests, with `few` runs. */
  quick: boolean
  few: number
  /** Runs of the whole experiment. */
  full: number
  /** It takes its time whatever the machine does, and begins before the others. */
  isLong?: boolean
  run(seed: number, runs: number): Promise<Counts>
}

export const noCounts = (): Counts => ({ runs: 0, lost: 0, falseSuccess: 0, duplicated: 0, leaked: 0 })

export const isClean = ({ lost, falseSuccess, duplicated, leaked }: Counts): boolean =>
  lost + falseSuccess + duplicated + leaked === 0
