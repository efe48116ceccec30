/** More places to deploy to: a swarm of two hosts, and a host with Podman that is reached over ssh. */
import { startPodman } from '../../lab/podman'
import { startRegistry, type Registry } from '../../lab/registry'
import { startSshServer } from '../../lab/ssh-server'
import { startSwarm } from '../../lab/swarm'

export type PoolStage = Awaited<ReturnType<typeof setPools>>

/** Starts them side by side; all of them or none. `registry` answers the swarm's hosts too, at an address of theirs. */
export async function setPools(registry: Registry) {
  const podman = startPodman({ insecureRegistries: [registry.host] })
  const starting = {
    swarm: startSwarm(),
    podman,
    ssh: podman.then(({ host }) => startSshServer({ environment: { DOCKER_HOST: host } })),
  }
  const mirror = starting.swarm.then(({ address }) =>
    startRegistry({ name: 'mirror', listen: address, storage: registry.storage }),
  )
  const all = [starting.ssh, starting.podman, mirror, starting.swarm]
  const stop = async (): Promise<void> => {
    const parts = await Promise.allSettled(all)
    await Promise.all(parts.map((part) => (part.status === 'fulfilled' ? part.value.stop() : null)))
  }
  try {
    await Promise.all(all)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...{ swarm: await starting.swarm, podman: await starting.podman, ssh: await starting.ssh },
    ...{ mirror: await mirror, stop },
  }
}
