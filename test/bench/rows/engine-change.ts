import { engineDemand } from '../../lab/engine-api'
import { importImage } from '../../lab/machine-image'
import { openEnginePool } from '../engine-pool'
import { constant, timed, type Row } from '../row'

export const engineChange: Row = {
  name: 'engine-change',
  unit: 'ms',
  what: 'a local image tagged by another program, until the list goes to the window',
  peerName: 'the two seconds within which it must show',
  goal: 1,
  async open(ground) {
    const pool = await openEnginePool(ground)
    await importImage(pool.host, 'bench-change:1')
    let turn = 0
    const ours = (): Promise<number> => {
      const name = `localhost/elsewhere:${(turn += 1)}`
      return timed(async () => {
        const seen = pool.next('local-image:changed', ({ images }) =>
          images.some(({ references }) => references.includes(name)),
        )
        const [repository = '', tag = ''] = name.split(/:(?=\d+$)/)
        const target = `repo=${repository}&tag=${tag}`
        await engineDemand(pool.host, 'POST', `/images/bench-change:1/tag?${target}`)
        await seen
      })
    }
    await ours()
    return { ours, peer: constant(2000) }
  },
}
