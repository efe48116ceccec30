import { makeBridge } from './bridge'
import { runCommand } from './command'
import { startEngine, type Engine } from './engine'
import { engineDemand } from './engine-api'
import { kernelHasIpvs, startIngress } from './ingress'
import { makeNamespace, type Namespace } from './namespace'
import { undoLater } from './undo'
import { until } from './until'

export interface SwarmOptions {
  /** How many engines; the first is the one manager. 2 when not given. */
  nodes?: number
  /** False: the engines stand beside one another, in no swarm yet. */
  joined?: boolean
  /** False: published ports lead nowhere where the kernel has no IPVS, as they would without our stand-in. */
  balanced?: boolean
}

export interface SwarmNode {
  /** Its unix socket is within reach; its 127.0.0.1 is not ours: what it publishes answers at `engine.address`. */
  engine: Engine
  namespace: Namespace
  /** Its id in the swarm; empty outside one. */
  nodeId: string
}

export interface Swarm {
  /** The machine's address on the network of the nodes: a registry for them listens here. They take http from it. */
  address: string
  manager: SwarmNode
  workers: SwarmNode[]
  nodes: SwarmNode[]
  /** Ends it for good and removes everything that it made. */
  stop(): Promise<void>
}

/**
 * Starts engines in network namespaces of their own, on one bridge, as machines side by side, and makes one swarm of them.
 * Each listens on TCP with TLS too (`engine.tls`). Any number of swarms may run at once. Needs root.
 */
export async function startSwarm({
  nodes: count = 2,
  joined = true,
  balanced = true,
}: SwarmOptions = {}): Promise<Swarm> {
  const bridge = await makeBridge()
  const undo = undoLater(['ip', 'link', 'delete', bridge.name])
  const network = bridge.address.replace(/\.0\.1$/, '')
  const nodes: SwarmNode[] = []
  const stands: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(stands.map((end) => end()))
    await Promise.all(
      nodes.map(async ({ engine, namespace }) => {
        await engine.stop()
        await namespace.remove()
      }),
    )
    await runCommand('ip', ['link', 'delete', bridge.name])
    undo.done()
  }
  const startNode = async (number: number): Promise<void> => {
    const namespace = await makeNamespace(bridge, `${network}.0.${number + 2}`)
    const started = startEngine({
      within: { namespace, pool: `${network}.128.0/18` },
      insecureRegistries: [`${bridge.address}/32`],
      tls: true,
    })
    const engine = await started.catch(async (error: unknown) => {
      await namespace.remove()
      throw error
    })
    nodes[number] = { engine, namespace, nodeId: '' }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, number) => startNode(number)))
  try {
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    const [manager, ...workers] = nodes
    if (!manager) throw new Error('a swarm needs a node')
    if (balanced && !kernelHasIpvs()) {
      for (const { engine, namespace } of nodes) stands.push(startIngress(engine, namespace, manager.engine))
    }
    if (joined) await join(manager, workers, `${network}.192.0/18`)
    return { address: bridge.address, manager, workers, nodes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Info {
  Swarm: { NodeID: string; LocalNodeState: string }
}

async function join(manager: SwarmNode, workers: SwarmNode[], pool: string): Promise<void> {
  const { address, host } = manager.engine
  await engineDemand(host, 'POST', '/swarm/init', {
    ...{ ListenAddr: `${address}:2377`, AdvertiseAddr: address, DefaultAddrPool: [pool], SubnetSize: 24 },
  })
  const swarm = JSON.parse(await engineDemand(host, 'GET', '/swarm')) as { JoinTokens: { Worker: string } }
  await Promise.all(
    workers.map(({ engine }) =>
      engineDemand(engine.host, 'POST', '/swarm/join', {
        ...{ ListenAddr: `${engine.address}:2377`, AdvertiseAddr: engine.address },
        ...{ RemoteAddrs: [`${address}:2377`], JoinToken: swarm.JoinTokens.Worker },
      }),
    ),
  )
  for (const node of [manager, ...workers]) {
    const info = JSON.parse(await engineDemand(node.engine.host, 'GET', '/info')) as Info
    node.nodeId = info.Swarm.NodeID
  }
  await until('every node being ready', async () => {
    const list = JSON.parse(await engineDemand(host, 'GET', '/nodes')) as { Status: { State: string } }[]
    return list.length === workers.length + 1 && list.every(({ Status }) => Status.State === 'ready')
  })
}
