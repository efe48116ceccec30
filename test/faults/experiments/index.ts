import type { Experiment } from '../experiment'
import { revoked, tokens } from './accounts'
import { cut } from './cut'
import { damage } from './damage'
import { kill } from './kill'
import { registryFaults } from './registry-faults'
import { engineGone, registryRestart } from './restarts'
import { clock, diskFull, keychain, twice } from './surroundings'

/** All experiments, in the order in which they are run. */
export const experiments: readonly Experiment[] = [
  ...[kill, cut, registryFaults, registryRestart, tokens, revoked, engineGone],
  ...[damage, diskFull, keychain, clock, twice],
]
