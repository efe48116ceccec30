import { readFileSync, readdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

/** What names `text` on this machine now: command lines of living processes, mounts, and network links. */
export function remainsOf(text: string): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
  const mounts = read('/proc/self/mounts').split('\n')
  const links = readdirSync('/sys/class/net')
  return [...processes, ...mounts, ...links].filter((line) => line.includes(text))
}

/** The network link that carries an IPv4 address; undefined when there is none. */
export function linkOf(address: string): string | undefined {
  const entries = Object.entries(networkInterfaces())
  return entries.find(([, addresses]) => addresses?.some((own) => own.address === address))?.[0]
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
