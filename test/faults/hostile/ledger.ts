import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Canary } from './canary'

/** A line of witness.mjs. `to` is `address:port`, `unix:PATH` or `udp:ADDRESS:PORT`. */
export type Entry =
  | { kind: 'start'; pid: number }
  | { kind: 'connect'; to: string }
  | { kind: 'name'; host: string }
  | { kind: 'write'; to: string; bytes: string }
  | { kind: 'spawn'; file: string; args: string[] }
  | { kind: 'open'; path: string; writes: boolean }

/** A secret that was written to somebody who does not own it. */
export interface Leak {
  canary: Canary
  to: string
}

/** What the program's process did to the world outside of it, as its own bindings saw it. */
export class Ledger {
  readonly env: Record<string, string>

  /** `file`: where the process writes; `hurried`: its time-outs come ten times as soon. */
  constructor(
    private readonly file: string,
    hurried = true,
  ) {
    const scripts = ['witness.mjs', ...(hurried ? ['hurry.mjs'] : [])]
    const imports = scripts.map((name) => `--import ${pathToFileURL(join(import.meta.dirname, name)).href}`)
    this.env = { NODE_OPTIONS: imports.join(' '), FAULTS_LEDGER: file }
  }

  /** Everything so far; `from` counts entries. */
  read(from = 0): Entry[] {
    const lines = readFileSync(this.file, 'utf8').split('\n').slice(from, -1)
    return lines.map((line) => JSON.parse(line) as Entry)
  }

  get pid(): number {
    const started = this.read().find((entry) => entry.kind === 'start')
    if (started === undefined) throw new Error('the ledger was not loaded')
    return started.pid
  }
}

/** The bytes that went to each address. */
export function writtenTo(entries: readonly Entry[]): Map<string, Buffer> {
  const parts = new Map<string, Buffer[]>()
  for (const entry of entries) {
    if (entry.kind !== 'write') continue
    const known = parts.get(entry.to)
    const bytes = Buffer.from(entry.bytes, 'base64')
    if (known) known.push(bytes)
    else parts.set(entry.to, [bytes])
  }
  return new Map([...parts].map(([to, list]) => [to, Buffer.concat(list)]))
}

/** Secrets that went to an address that is not one of their owners'. */
export function leaksIn(entries: readonly Entry[], canaries: readonly Canary[]): Leak[] {
  return [...writtenTo(entries)].flatMap(([to, bytes]) => {
    const text = bytes.toString('latin1')
    return canaries
      .filter((canary) => !canary.owners.has(to) && canary.isIn(text))
      .map((canary) => ({ canary, to }))
  })
}
