import { readFileSync } from 'node:fs'
import { engineDemand } from './engine-api'
import { randomBytesOf } from './random-bytes'
import { packTar, type TarEntry } from './tar'

const applets = [
  'sh',
  'cat',
  'date',
  'echo',
  'env',
  'false',
  'httpd',
  'ls',
  'mkdir',
  'nc',
  'ps',
  'sleep',
  'tail',
  'true',
  'wget',
]

/** A root file system, as a tar, with nothing but busybox in it. */
export function busyboxTar(extra: TarEntry[] = []): Buffer {
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].map(readIfThere).find((data) => data !== null)
  if (!busybox) throw new Error('there is no busybox; install busybox-static')
  return packTar([
    ...['bin/', 'etc/', 'tmp/', 'www/'].map((path) => ({ path })),
    { path: 'bin/busybox', data: busybox, mode: 0o755 },
    ...applets.map((name) => ({ path: `bin/${name}`, link: 'busybox' })),
    { path: 'etc/passwd', data: Buffer.from('root:x:0:0:root:/:/bin/sh\n') },
    ...extra,
  ])
}

/** Puts a runnable image of one layer into an engine by importing a tar; `changes` are Dockerfile instructions. */
export async function importImage(
  host: string,
  reference: string,
  changes: string[] = ['CMD ["sleep", "infinity"]'],
  tar: Buffer = busyboxTar([{ path: 'etc/image', data: Buffer.from(reference) }]),
): Promise<void> {
  // Podman does not look at `tag`; both take it as part of `repo`.
  const query = new URLSearchParams({ fromSrc: '-', repo: reference })
  for (const change of changes) query.append('changes', change)
  await engineDemand(host, 'POST', `/images/create?${query}`, tar)
}

/**
 * Builds a runnable image with one layer per size (bytes, incompressible, always the same for a seed) on top of
 * busybox; `instructions` are Dockerfile lines that follow.
 */
export async function buildMachineImage(
  host: string,
  reference: string,
  sizes: number[],
  {
    seed = reference,
    instructions = ['CMD ["sleep", "infinity"]'],
  }: { seed?: string; instructions?: string[] } = {},
): Promise<void> {
  const parts = sizes.map((_, index) => `part-${index}`)
  const dockerfile = [
    'FROM scratch',
    'ADD base.tar /',
    ...parts.map((part) => `COPY ${part} /opt/${part}`),
    ...instructions,
  ]
  const context = packTar([
    { path: 'Dockerfile', data: Buffer.from(`${dockerfile.join('\n')}\n`) },
    { path: 'base.tar', data: busyboxTar() },
    ...sizes.map((size, index) => ({ path: `part-${index}`, data: randomBytesOf(`${seed}/${index}`, size) })),
  ])
  const query = new URLSearchParams({ t: reference, rm: 'true', forcerm: 'true' })
  await engineDemand(host, 'POST', `/build?${query}`, context)
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}
