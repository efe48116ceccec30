import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/** Answers a host name's addresses. */
export type Resolve = (host: string) => Promise<string[]>

export const resolveHost: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address)

/** A URL's host name without the brackets of IPv6, in lower case. */
export const plain = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase()

export type Reach = 'public' | 'private' | 'loopback' | 'link-local'

/** The address of IPv4 that one of IPv6 stands for, as a URL writes it (`::ffff:a9fe:a9fe`) or with dots; null for others. */
function mapped(address: string): string | null {
  const dotted = /^::ffff:([0-9.]+)$/.exec(address)
  if (dotted) return dotted[1] ?? null
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return null
  return [high, low]
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
    .join('.')
}

/** How far an address reaches: RFC 1918, 3927, 4193, 4291, 6598. */
export function reachOf(address: string): Reach {
  const text = plain(address)
  const four = mapped(text)
  if (four !== null) return reachOf(four)
  if (isIP(text) === 4) {
    const [a = 0, b = 0] = text.split('.').map(Number)
    if (a === 127 || a === 0) return 'loopback'
    if (a === 169 && b === 254) return 'link-local'
    if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private'
    return a === 100 && b >= 64 && b < 128 ? 'private' : 'public'
  }
  if (text === '::1' || text === '::') return 'loopback'
  if (/^::ffff:/.test(text)) return 'private'
  if (/^fe[89ab]/.test(text)) return 'link-local'
  return /^f[cd]/.test(text) ? 'private' : 'public'
}

/** The addresses of a host name; none of a name that only a proxy can resolve, which is the proxy's to judge. */
export async function addressesOf(hostname: string, resolve: Resolve): Promise<string[]> {
  const name = plain(hostname)
  if (isIP(name)) return [name]
  return resolve(name).catch(() => [])
}

/**
 * Whether a registry on `from` may send us to `to`. Storage may well be inside a network; but our own machine, and what only
 * our own link reaches (where clouds keep their machines' credentials), only a registry that is there itself may name.
 */
export async function mayLead(from: URL, to: URL, resolve: Resolve = resolveHost): Promise<boolean> {
  const close = (await addressesOf(to.hostname, resolve)).filter((address) =>
    ['loopback', 'link-local'].includes(reachOf(address)),
  )
  if (close.length === 0) return true
  const own = await addressesOf(from.hostname, resolve)
  return close.every(
    (address) =>
      own.includes(address) ||
      (reachOf(address) === 'loopback' && own.some((each) => reachOf(each) === 'loopback')),
  )
}
