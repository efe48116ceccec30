/** Ports of a deployment, as the model names them and as engines do. */
import type { DeploymentSpec, PortSpec } from '@shared/deployment'

const httpPorts = new Set([
  80, 591, 2368, 3000, 3001, 4000, 4200, 5000, 5173, 5601, 8000, 8008, 8080, 8081, 8082, 8088, 8888, 9000,
  9090,
])
const httpsPorts = new Set([443, 4443, 8443, 9443])

/** How a client most likely speaks to a port of that number. */
export function accessOf(port: number, protocol: PortSpec['protocol']): PortSpec['access'] {
  if (protocol === 'udp') return 'tcp'
  if (httpsPorts.has(port)) return 'https'
  return httpPorts.has(port) ? 'http' : 'tcp'
}

/** `8080/tcp` */
export const portKey = (port: { container: number; protocol: PortSpec['protocol'] }): string =>
  `${port.container}/${port.protocol}`

/** `8080/tcp` or `8080` as number and protocol; null where it is neither, or a range. */
export function parsePortKey(text: string): { container: number; protocol: PortSpec['protocol'] } | null {
  const found = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(text)
  const container = Number(found?.[1])
  if (!found || container < 1 || container > 65_535) return null
  return { container, protocol: found[2] === 'udp' ? 'udp' : 'tcp' }
}

/** Every port that is published: the spec's own, then the debugger's, which only the host itself reaches. */
export function publishedPorts(
  spec: Pick<DeploymentSpec, 'ports' | 'debugPort'>,
): (Omit<PortSpec, 'access'> & { debug: boolean })[] {
  return [
    ...spec.ports.map(({ container, host, protocol, scope }) => ({
      ...{ container, host, protocol, scope },
      debug: false,
    })),
    ...(spec.debugPort ? [{ ...spec.debugPort, protocol: 'tcp', scope: 'local', debug: true } as const] : []),
  ]
}
