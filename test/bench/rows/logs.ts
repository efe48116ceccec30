import { engineDemand } from '../../lab/engine-api'
import { importImage } from '../../lab/machine-image'
import { until } from '../../lab/until'
import { localSpec, openEnginePool } from '../engine-pool'
import { timed, type Row } from '../row'

const image = 'bench-logs:1'
const lines = 100_000
const text = 'with some text that makes it as long as a usual line of a log, or so'
const write = `i=0; while [ $i -lt ${lines} ]; do echo "line number $i ${text}"; i=$((i+1)); done; exec sleep infinity`

export const logs: Row = {
  name: 'logs-100k',
  unit: 'ms',
  what: "a deployment's log of 100,000 lines opened, until its last line goes to the window",
  peerName: 'docker logs to a pipe',
  goal: 1.3,
  async open(ground) {
    const pool = await openEnginePool(ground)
    await importImage(pool.host, image)
    const id = await pool.put(localSpec(image, 'talker', { command: ['/bin/sh', '-c', write] }))
    const last = '/containers/talker-1/logs?stdout=true&tail=1'
    await until(
      'all being written',
      async () => (await engineDemand(pool.host, 'GET', last)).includes(`number ${lines - 1} `),
      { timeout: 180_000, interval: 250 },
    )
    await pool.deploy.deployments.list(true)
    const whole = { instanceId: null, tail: null, since: null }
    const ours = async (): Promise<number> => {
      let count = 0
      let streamId = ''
      const time = await timed(async () => {
        const all = pool.next('log:lines', (batch) => (count += batch.lines.length) >= lines)
        ;({ streamId } = await pool.deploy.deployments.logs.open({ poolId: pool.poolId, id, ...whole }))
        const { lines: newest } = await all
        const end = newest.at(-1)?.text ?? ''
        if (!end.includes(`number ${lines - 1} `)) throw new Error(`the last line is ${end}`)
      })
      pool.deploy.deployments.logs.close(streamId)
      return time
    }
    const peer = (): Promise<number> =>
      timed(async () => {
        const said = await pool.docker('logs', 'talker-1')
        if (!said.includes(`number ${lines - 1} `)) throw new Error('docker logs is not whole')
      })
    await ours()
    await peer()
    return { ours, peer }
  },
}
