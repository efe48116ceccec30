import { isIP } from 'node:net'
import { parseUrl } from './url'

/** The proxy for a URL, or null for a direct connection. */
export type ProxyFor = (url: URL) => URL | null

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
