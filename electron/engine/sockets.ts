import { posix } from 'node:path'
import type { Endpoint } from '@shared/engine'

export interface SocketPlace {
  source: Extract<Endpoint['source'], 'socket' | 'podman'>
  path: string
}

export interface Machine {
  environment: NodeJS.ProcessEnv
  home: string
  platform: NodeJS.Platform
  /** The user's number, from which Linux names the folder of runtime sockets; null on Windows. */
  uid: number | null
}

/**
 * Where engines usually listen, first docker's own default, then Docker Desktop, rootless Docker, Colima, Rancher Desktop,
 * then Podman.
 */
export function usualSockets({ environment, home, platform, uid }: Machine): SocketPlace[] {
  const docker = (path: string): SocketPlace => ({ source: 'socket', path })
  const podman = (path: string): SocketPlace => ({ source: 'podman', path })
  if (platform === 'win32') {
    return [
      docker('//./pipe/docker_engine'),
      docker('//./pipe/dockerDesktopLinuxEngine'),
      podman('//./pipe/podman-machine-default'),
    ]
  }
  const inHome = (...names: string[]): string => posix.join(home, ...names)
  const runtime =
    environment.XDG_RUNTIME_DIR || (platform === 'linux' && uid !== null ? `/run/user/${uid}` : '')
  const inRuntime = (...names: string[]): string[] => (runtime ? [posix.join(runtime, ...names)] : [])
  return [
    docker('/var/run/docker.sock'),
    docker(inHome('.docker', 'run', 'docker.sock')),
    docker(inHome('.docker', 'desktop', 'docker.sock')),
    ...inRuntime('docker.sock').map(docker),
    docker(inHome('.colima', 'default', 'docker.sock')),
    docker(inHome('.rd', 'docker.sock')),
    ...inRuntime('podman', 'podman.sock').map(podman),
    podman('/run/podman/podman.sock'),
    podman(inHome('.local', 'share', 'containers', 'podman', 'machine', 'podman.sock')),
  ]
}
