import { randomInt } from 'node:crypto'
import { runCommand } from './command'
import { startService } from './process'
import { temporaryFolder } from './temporary'

/** A network and a name of its own, as another machine would have them. */
export interface Namespace {
  /** Its address on the bridge. */
  address: string
  /** What to put before a command so that it runs there. */
  enter: readonly [command: string, arg: string]
  /** The same, and with the name of that machine. */
  enterNamed: readonly string[]
  /** Cuts it off from the bridge, as pulling its cable would, or joins it again. */
  plug(joined: boolean): Promise<void>
  /** To be called after what runs in it has ended. */
  remove(): Promise<void>
}

/**
 * Makes a network namespace that a veth pair joins to a bridge of ours, with `address/17` on it and no way further: what is
 * not on the bridge is out of reach at once, rather than after a time-out. It has no name in /run/netns: a process holds it, and with that process it goes. Needs root.
 */
export async function makeNamespace(bridge: { name: string }, address: string): Promise<Namespace> {
  const folder = temporaryFolder('namespace')
  const holder = await startService({
    command: 'unshare',
    args: ['--net', '--uts', 'sh', '-c', 'hostname "$0"; echo ready; exec sleep infinity', nameOf(address)],
    logFile: folder.join('log'),
  })
  const remove = async (): Promise<void> => {
    await holder.kill()
    folder.remove()
  }
  const enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`] as const
  const enterNamed = [...enter, `--uts=/proc/${holder.pid}/ns/uts`]
  const inside = (...args: string[]): Promise<string> => runCommand(enter[0], [enter[1], 'ip', ...args])
  const link = `slwv${randomInt(16 ** 6).toString(16)}`
  try {
    await holder.ready(() => holder.log().includes('ready'))
    await runCommand('ip', [
      ...['link', 'add', link, 'type', 'veth'],
      ...['peer', 'name', 'eth0', 'netns', String(holder.pid)],
    ])
    await runCommand('ip', ['link', 'set', link, 'master', bridge.name, 'up'])
    await inside('link', 'set', 'lo', 'up')
    await inside('address', 'add', `${address}/17`, 'dev', 'eth0')
    await inside('link', 'set', 'eth0', 'up')
  } catch (error) {
    await remove()
    throw error
  }
  const plug = async (joined: boolean): Promise<void> => {
    await runCommand('ip', ['link', 'set', link, joined ? 'up' : 'down'])
  }
  return { address, enter, enterNamed, plug, remove }
}

/** Addresses count from 2: 1 is the bridge. */
const nameOf = (address: string): string => `host-${Number(address.split('.').at(-1)) - 1}`
