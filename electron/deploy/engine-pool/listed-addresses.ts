import type { DeploymentSpec } from '@shared/deployment'
import type { Address } from '@shared/running'
import type { PoolConnection } from '../driver'
import type { ListedPort } from './listing'

type Way = Pick<PoolConnection, 'addressHost' | 'local'>

/** Where a listed container's published ports are reached from here. `spec` says how a client speaks to them; null: not known. */
export function addressesOf(ports: readonly ListedPort[], spec: DeploymentSpec | null, way: Way): Address[] {
  const found = new Map<string, Address>()
  for (const port of ports) {
    if (port.host === null) continue
    const address = addressOf(port, port.host, spec, way)
    // Docker lists a port that is open on all addresses twice, for IPv4 and IPv6.
    const key = `${address.host} ${address.port}/${address.protocol}`
    if (!found.has(key)) found.set(key, address)
  }
  return [...found.values()].sort((a, b) => Number(a.debug) - Number(b.debug) || a.container - b.container)
}

function addressOf(port: ListedPort, host: number, spec: DeploymentSpec | null, way: Way): Address {
  const { ip, container, protocol } = port
  const any = ip === null || ip === '0.0.0.0' || ip === '::'
  const loopback = !any && (/^127\./.test(ip) || ip === '::1')
  const named = spec?.ports.find((wanted) => wanted.container === container && wanted.protocol === protocol)
  // The same port of the container may be published for a debugger as well, on the host itself only.
  const debug =
    loopback && named?.scope !== 'local' && protocol === 'tcp' && spec?.debugPort?.container === container
  const known = debug ? undefined : named
  const reached = any ? way.addressHost : ip
  // A port of another computer's loopback cannot be opened from here.
  const opens =
    known !== undefined && known.access !== 'tcp' && protocol === 'tcp' && (!loopback || way.local)
  return {
    url: opens ? `${known.access}://${hostInUrl(reached)}:${host}/` : null,
    host: reached,
    port: host,
    container,
    protocol,
    scope: loopback ? 'local' : 'all',
    debug,
  }
}

const hostInUrl = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)
