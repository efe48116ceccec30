import { isIP } from 'node:net'
import { parseUrl } from './url'

/**
 * The proxy for a URL, or null for a direct connection. Where `prepare` is there, it is awaited before: the system may have to
 * be asked, which takes a moment.
 */
export type ProxyFor = ((url: URL) => URL | null) & { prepare?: (url: URL) => Promise<void> }

/** What the system's own settings say of an address, as a PAC script writes it: `PROXY host:port; DIRECT`. */
export type AskSystem = (url: string) => Promise<string>

const defaultPort = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')
const plainHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '')

/** Whether a host name or literal address is this machine: such connections never pass a proxy. */
export function isLoopbackHost(host: string): boolean {
  const name = plainHost(host)
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}

/** NO_PROXY as curl and Go read it: `*`, `host`, `.domain`, `host:port`, an address, an IPv4 CIDR. */
function exempts(entry: string, url: URL): boolean {
  const rule = entry.trim().toLowerCase()
  if (rule === '') return false
  if (rule === '*') return true
  const host = plainHost(url.hostname)
  const port = /^(.*[^:]):([0-9]+)$/.exec(rule)
  if (port && !isIP(rule) && port[2] !== defaultPort(url)) return false
  const name = plainHost((port && !isIP(rule) ? port[1] : rule) ?? rule).replace(/^\*?\./, '')
  const block = /^([0-9.]+)\/([0-9]{1,2})$/.exec(name)
  if (block) return isIP(host) === 4 && inBlock(host, block[1] ?? '', Number(block[2]))
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
}

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

function inBlock(address: string, network: string, bits: number): boolean {
  if (isIP(network) !== 4 || bits > 32) return false
  const size = 2 ** (32 - bits)
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(network) / size)
}

/**
 * Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in either spelling. A proxy that is no http(s) URL is passed
 * over; `host:port` alone counts as http.
 */
export function proxyFromEnvironment(environment: NodeJS.ProcessEnv): ProxyFor {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || ''
  return (url) => {
    if (isLoopbackHost(url.hostname)) return null
    const text = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || read('ALL_PROXY')
    if (text === '') return null
    if (
      read('NO_PROXY')
        .split(/[\s,]+/)
        .some((entry) => exempts(entry, url))
    )
      return null
    const full = text.includes('://') ? text : `http://${text}`
    const proxy = parseUrl(full)
    return proxy?.protocol === 'http:' || proxy?.protocol === 'https:' ? proxy : null
  }
}

/** Milliseconds for which an answer of the system holds: people change networks. */
const heldFor = 60_000

/**
 * The environment where it names a proxy at all, as every command-line tool reads it; otherwise the system's own settings. What
 * the system says is kept for a minute for each origin. A SOCKS proxy is passed over.
 */
export function proxyFromSystem(
  environment: NodeJS.ProcessEnv,
  askSystem: AskSystem,
  now: () => number = () => performance.now(),
): ProxyFor {
  const named = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].some(
    (name) => environment[name] || environment[name.toLowerCase()],
  )
  if (named) return proxyFromEnvironment(environment)
  const answers = new Map<string, { proxy: URL | null; until: number }>()
  const proxyFor: ProxyFor = (url) => answers.get(url.origin)?.proxy ?? null
  proxyFor.prepare = async (url) => {
    if (isLoopbackHost(url.hostname) || (answers.get(url.origin)?.until ?? 0) > now()) return
    // A system that cannot say leaves the direct way; what then fails says so itself.
    const text = await askSystem(url.origin).catch(() => 'DIRECT')
    answers.set(url.origin, { proxy: firstProxy(text), until: now() + heldFor })
  }
  return proxyFor
}

/** The first entry of a PAC answer that is spoken here; null: direct. */
function firstProxy(text: string): URL | null {
  for (const entry of text.split(';')) {
    const [kind, address] = entry.trim().split(/\s+/)
    if (kind?.toUpperCase() === 'DIRECT') return null
    const scheme = { PROXY: 'http', HTTP: 'http', HTTPS: 'https' }[kind?.toUpperCase() ?? '']
    const proxy = scheme && address ? parseUrl(`${scheme}://${address}`) : null
    if (proxy) return proxy
  }
  return null
}
