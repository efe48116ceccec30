import type { Address } from '@shared/running'
import { reach } from '../../../electron/deploy/engine-pool/reach'
import { importImage } from '../../lab/machine-image'
import { freePort } from '../../lab/ports'
import { localSpec, openEnginePool } from '../engine-pool'
import { timed, type Row } from '../row'
import { settle } from '../settle'

const image = 'bench-deploy:1'
/** A container that needs 200 ms until it listens. */
const serve = 'CMD ["/bin/sh", "-c", "sleep 0.2; exec httpd -f -p 8080 -h /www"]'

/** The same question that our job asks, until it is answered. */
async function probe(port: number): Promise<void> {
  const address: Address = {
    ...{ url: `http://127.0.0.1:${port}/`, host: '127.0.0.1', port, container: 8080 },
    ...{ protocol: 'tcp', scope: 'all', debug: false },
  }
  const { signal } = new AbortController()
  await reach([address], { local: true, signal, patience: 30_000, log: () => {} })
}

export const deploy: Row = {
  name: 'deploy',
  unit: 'ms',
  what: 'an image that the engine has, from the job in the queue to the application that answers after 200 ms',
  peerName: 'docker run -d, and the same probe',
  goal: 1.1,
  async open(ground) {
    const pool = await openEnginePool(ground)
    await importImage(pool.host, image, [serve])
    const after = async (time: number): Promise<number> => {
      await pool.sweep()
      return time
    }
    const ours = async (): Promise<number> => {
      const host = await freePort()
      const ports = [{ container: 8080, host, protocol: 'tcp', scope: 'all', access: 'http' } as const]
      await settle()
      return after(await timed(() => pool.put(localSpec(image, 'bench', { ports }))))
    }
    const peer = async (): Promise<number> => {
      const port = await freePort()
      await settle()
      const run = async (): Promise<void> => {
        const restart = ['--restart', 'unless-stopped']
        await pool.docker('run', '-d', '--name', 'bench', ...restart, '-p', `${port}:8080`, image)
        await probe(port)
      }
      return after(await timed(run))
    }
    // Once for the system's own caches.
    await ours()
    await peer()
    return { ours, peer }
  },
}
