import type { Experiment } from '../experiment'
import { revoked, tokens } from './accounts'
import { cut } from './cut'
import { damage } from './damage'
import { hostile } from './hostile'
import { engineHung } from './hung'
import { fuzz } from './fuzz'
import { kill } from './kill'
import { manyRepositories } from './many-repositories'
import { mixedHour } from './mixed-hour'
import { registryReplaced } from './replaced'
import { registryFaults } from './registry-faults'
import { engineGone, registryRestart } from './restarts'
import { suspend } from './suspend'
import { clock, diskFull, keychain, twice } from './surroundings'

/** All experiments, in the order in which they are run. */
export const experiments: readonly Experiment[] = [
  ...[kill, cut, registryFaults, registryRestart, registryReplaced, tokens, revoked, engineGone, engineHung],
  ...[damage, diskFull, keychain, clock, twice, suspend, manyRepositories, mixedHour],
  ...[fuzz, hostile],
]
