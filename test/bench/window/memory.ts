import { readFileSync, readdirSync } from 'node:fs'

export interface MemoryUse {
  /** The working sets as the system counts them for each process: shared pages count once a process. MB of 10^6 bytes. */
  workingSet: number
  /** The same with every shared page divided among those that share it. */
  proportional: number
}

/** What a process and all below it hold, summed; a process that ends meanwhile is passed over. */
export function memoryOf(pid: number): MemoryUse {
  const use: MemoryUse = { workingSet: 0, proportional: 0 }
  for (const one of withDescendants(pid)) {
    const text = readIfThere(`/proc/${one}/smaps_rollup`)
    use.workingSet += kilobytes(text, 'Rss') / 1000
    use.proportional += kilobytes(text, 'Pss') / 1000
  }
  return use
}

function withDescendants(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    // The command, which may hold anything, is in parentheses; the parent is the second field behind it.
    const parent = Number(/.*\) \S (\d+)/s.exec(readIfThere(`/proc/${name}/stat`))?.[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found = [root]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

function kilobytes(text: string, field: string): number {
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024) / 1000
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
