import type { Experiment } from '../experiment'
import { cut } from './cut'
import { kill } from './kill'
import { registryFaults } from './registry-faults'

/** All experiments, in the order in which they are run. */
export const experiments: readonly Experiment[] = [kill, cut, registryFaults]
