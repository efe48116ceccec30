/** One surface in a process of its own, so that a property which hangs can be ended. Argument: name, runs and seed as JSON. */
import { fuzz } from './surface'
import { surfaces } from './surfaces'

const { name, runs, seed } = JSON.parse(process.argv[2] ?? '{}') as {
  name: string
  runs: number
  seed: number
}
const surface = await surfaces[name]?.()
if (!surface) throw new Error(`no surface ${name}`)
const done = await fuzz(surface, { runs, seed, onBegin: (property) => void process.send?.({ property }) })
process.send?.({ done }, () => process.disconnect())
