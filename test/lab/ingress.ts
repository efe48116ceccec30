import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { runCommand } from './command'
import type { Engine } from './engine'
import { engineDemand } from './engine-api'
import type { Namespace } from './namespace'

const Network = z.object({
  Containers: z.record(z.string(), z.object({ IPv4Address: z.string() })),
  Services: z
    .record(
      z.string(),
      z.object({
        Ports: z.array(z.string()),
        Tasks: z.array(z.object({ Name: z.string(), EndpointIP: z.string() })),
      }),
    )
    .nullish(),
})

const Tasks = z.array(z.object({ ID: z.string() }))

/** Published port -> addresses of the tasks that are to answer there. */
type Routes = Map<number, string[]>

/** Whether the kernel can do what a swarm's published ports need. Not every kernel was built with it. */
export function kernelHasIpvs(): boolean {
  spawnSync('modprobe', ['ip_vs'], { stdio: 'ignore' })
  return existsSync('/proc/net/ip_vs')
}

/**
 * Stands in for the one part of a swarm that needs IPVS: it spreads connections to a published port over the tasks that the
 * engine itself counts in (`GET /networks/ingress?verbose=true`: from when a task is healthy) and that the manager wants to
 * run on: the engine counts one out when it is told to shut it down, two seconds before it asks it to end. As IPVS does, it
 * works in the engine's own `ingress_sbox`, and connections that are open stay with their task. Runs until the returned
 * function is called.
 */
export function startIngress(engine: Engine, namespace: Namespace, manager: Engine): () => Promise<void> {
  const stop = new AbortController()
  const running = follow(engine, namespace, manager, stop.signal)
  return async () => {
    stop.abort()
    await running
  }
}

async function follow(
  engine: Engine,
  namespace: Namespace,
  manager: Engine,
  signal: AbortSignal,
): Promise<void> {
  const sandbox = `--net=${join(dirname(engine.socket), 'exec/netns/ingress_sbox')}`
  const [nsenter, outside] = namespace.enter
  let done = ''
  while (!signal.aborted) {
    try {
      const state = await read(engine, manager)
      const rules = state && { outside: portRules(state), inside: taskRules(state.routes) }
      if (rules && JSON.stringify(rules) !== done) {
        await runCommand('nsenter', [sandbox, 'nft', '-f', '-'], { input: rules.inside })
        await runCommand(nsenter, [outside, 'nft', '-f', '-'], { input: rules.outside })
        await allow([nsenter, outside], state.gateway)
        done = JSON.stringify(rules)
      }
    } catch {
      done = '' // The engine stands still, or is in no swarm yet.
    }
    await pause(50, undefined, { signal }).catch(() => {})
  }
}

interface State {
  routes: Routes
  /** Address of `ingress_sbox` on docker_gwbridge. */
  gateway: string
}

async function read(engine: Engine, manager: Engine): Promise<State | null> {
  const inspect = async (name: string): Promise<z.infer<typeof Network>> =>
    Network.parse(JSON.parse(await engineDemand(engine.host, 'GET', `/networks/${name}?verbose=true`)))
  const ingress = await inspect('ingress')
  const gateway = (await inspect('docker_gwbridge')).Containers['ingress-sbox']?.IPv4Address.split('/')[0]
  if (!gateway) return null
  const wanted = await wantedTasks(manager)
  const routes: Routes = new Map()
  for (const { Ports, Tasks } of Object.values(ingress.Services ?? {})) {
    const kept = Tasks.filter(({ Name }) => wanted.has(Name.slice(Name.lastIndexOf('.') + 1)))
    const addresses = kept.map(({ EndpointIP }) => EndpointIP).sort()
    for (const text of Ports) {
      const port = Number(/Publish: (\d+)/.exec(text)?.[1] ?? 0)
      if (port > 0) routes.set(port, addresses)
    }
  }
  return { routes, gateway }
}

async function wantedTasks(manager: Engine): Promise<Set<string>> {
  const filters = encodeURIComponent(JSON.stringify({ 'desired-state': ['running'] }))
  const list = await engineDemand(manager.host, 'GET', `/tasks?filters=${filters}`)
  return new Set(Tasks.parse(JSON.parse(list)).map(({ ID }) => ID))
}

/** A whole table in one transaction: no packet ever meets half of it. */
const table = (chains: string): string =>
  `table ip slipway\ndelete table ip slipway\ntable ip slipway {\n${chains}}\n`

function portRules({ routes, gateway }: State): string {
  const lines = [...routes.keys()].flatMap((port) => [
    `    fib daddr type local tcp dport ${port} dnat to ${gateway}\n`,
    `    fib daddr type local udp dport ${port} dnat to ${gateway}\n`,
  ])
  return table(`  chain in { type nat hook prerouting priority -110;\n${lines.join('')}  }\n`)
}

function taskRules(routes: Routes): string {
  const lines = [...routes].flatMap(([port, addresses]) => {
    if (addresses.length === 0) return []
    const map = addresses.map((address, index) => `${index} : ${address}`).join(', ')
    const spread = `dnat to numgen inc mod ${addresses.length} map { ${map} }`
    return [`    tcp dport ${port} ${spread}\n`, `    udp dport ${port} ${spread}\n`]
  })
  return table(
    `  chain in { type nat hook prerouting priority -110;\n${lines.join('')}  }\n` +
      '  chain out { type nat hook postrouting priority 90; oifname eth0 masquerade; }\n',
  )
}

/** Docker's firewall lets nothing through to docker_gwbridge from outside of itself. */
async function allow([nsenter, outside]: [string, string | undefined], gateway: string): Promise<void> {
  const rule = ['DOCKER-USER', '-d', gateway, '-j', 'ACCEPT']
  const inside = (...args: string[]): Promise<string> =>
    runCommand(nsenter, [outside ?? '', 'iptables', '-w', ...args])
  await inside('-C', ...rule).catch(() => inside('-I', ...rule))
}
