import type { Counts } from './experiment'
import { Oracle } from './oracle'
import { States } from './states'
import { World, type WorldOptions } from './world'

export interface Scene {
  world: World
  oracle: Oracle
  states: States
  /** The settings as they were at the start. */
  before: string
}

/** Opens a world, does an experiment's harm in it, and looks at what holds for every experiment at its end. */
export async function inWorld(options: WorldOptions, harm: (scene: Scene) => Promise<void>): Promise<Counts> {
  const world = await World.open(options)
  const oracle = new Oracle(world)
  const states = new States()
  try {
    const before = await oracle.settings()
    await harm({ world, oracle, states, before })
    oracle.uncaught()
    const said = states.read()
    if (said) process.stdout.write(`  ${said}\n`)
    await world.program.stop()
    oracle.databases()
    return oracle.counts
  } finally {
    await world.close()
  }
}
