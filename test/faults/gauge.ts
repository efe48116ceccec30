import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GiveUp, until } from '../lab/until'

/** What gauge-preload.mjs writes. Sizes in bytes. */
interface Inside {
  count: number
  pid: number
  rss: number
  heapUsed: number
  external: number
  /** Active handles and requests by kind, as Node names them. */
  resources: Record<string, number>
  /** Objects that are alive after a collection, by class. */
  objects: Record<string, number>
  warnings: string[]
}

export interface Reading extends Inside {
  /** Open file descriptors; apart: archives, and connections to a registry, which are kept for a while for the next use. */
  descriptors: Record<'file' | 'pipe' | 'socket' | 'other' | 'kept' | 'archive', number>
  /** The names behind them, for a person. */
  names: string[]
}

/** Looks at the program's process from inside and outside. */
export class Gauge {
  readonly env: Record<string, string>

  /** `file`: where the process writes its readings. */
  constructor(private readonly file: string) {
    const script = pathToFileURL(join(import.meta.dirname, 'gauge-preload.mjs')).href
    this.env = { NODE_OPTIONS: `--import ${script}`, FAULTS_GAUGE: file }
  }

  /** What the process holds now. `kept`: the ports of registries, whose connections are kept for a while. */
  async read(kept: readonly number[]): Promise<Reading> {
    const { pid, count } = this.inside()
    if (existsSync(`/proc/${pid}/fd`)) process.kill(pid, 'SIGUSR2')
    const inside = await until(
      'a reading',
      () => {
        if (!existsSync(`/proc/${pid}/fd`)) throw new GiveUp('the program has ended')
        const now = this.inside()
        return now.count > count && now
      },
      { timeout: 600_000, explain: () => readFileSync(`/proc/${pid}/stat`, 'utf8') },
    )
    const names = namesOf(pid)
    const toRegistry = connectionsTo(pid, kept)
    const descriptors = { file: 0, pipe: 0, socket: 0, other: 0, kept: 0, archive: 0 }
    for (const name of names) descriptors[kindOf(name, toRegistry)] += 1
    return { ...inside, descriptors, names }
  }

  remove(): void {
    rmSync(this.file, { force: true })
  }

  private inside(): Inside {
    return JSON.parse(readFileSync(this.file, 'utf8')) as Inside
  }
}

function namesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))]
    } catch {
      return []
    }
  })
}

function kindOf(name: string, toRegistry: ReadonlySet<string>): keyof Reading['descriptors'] {
  if (name.startsWith('socket:')) return toRegistry.has(name) ? 'kept' : 'socket'
  if (name.startsWith('pipe:')) return 'pipe'
  if (/\.tar( \(deleted\))?$/.test(name)) return 'archive'
  return name.startsWith('/') && !name.startsWith('/dev/') ? 'file' : 'other'
}

/** The sockets, named as in /proc/PID/fd, whose other end is one of these ports. */
function connectionsTo(pid: number, ports: readonly number[]): Set<string> {
  const found = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)) {
      const [, , remote = '', , , , , , , inode] = line.trim().split(/\s+/)
      if (ports.includes(parseInt(remote.split(':').at(-1) ?? '', 16))) found.add(`socket:[${inode}]`)
    }
  }
  return found
}
