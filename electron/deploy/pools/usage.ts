import { statfs } from 'node:fs/promises'
import type Dockerode from 'dockerode'
import { z } from 'zod'
import { inParallel } from '../in-parallel'
import type { EngineInfo } from './facts'
import { understood } from '../../engine/understood'

/** No more containers than this are measured: a figure is wanted, not a load. */
const mostMeasured = 40
const width = 4

const Amount = z.number().nonnegative().catch(0)
const Listed = z.array(z.object({ Id: z.string().regex(/^[0-9a-f]{12,64}$/) }))
const Stats = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: Amount }) }),
  memory_stats: z
    .object({ usage: Amount, stats: z.record(z.string(), z.unknown()).nullish().catch(null) })
    .nullish()
    .catch(null),
})
const Used = z.array(z.unknown()).nullish().catch(null)
const Disk = z.object({
  LayersSize: Amount,
  Containers: Used,
  Volumes: Used,
  BuildCache: Used,
})

/** CPU time of containers in nanoseconds, at a moment in milliseconds: two of them make a figure. */
export interface CpuSample {
  at: number
  byContainer: ReadonlyMap<string, number>
}

/** What the running containers use now; null where there are more than are measured. */
export async function measureContainers(
  docker: Dockerode,
  before: CpuSample | null,
  signal: AbortSignal,
): Promise<{ cpusUsed: number | null; memoryUsed: number | null; sample: CpuSample | null }> {
  const listed = understood(Listed, await docker.listContainers({ abortSignal: signal }))
  if (listed.length > mostMeasured) return { cpusUsed: null, memoryUsed: null, sample: null }
  const at = performance.now()
  const byContainer = new Map<string, number>()
  let memoryUsed = 0
  await inParallel(listed, width, async ({ Id }) => {
    const stats = await oneShot(docker, Id, signal)
    if (!stats) return
    byContainer.set(Id, stats.cpu_stats.cpu_usage.total_usage)
    memoryUsed += ownMemory(stats.memory_stats)
  })
  const sample = { at, byContainer }
  return { cpusUsed: listed.length === 0 ? 0 : cpusBetween(before, sample), memoryUsed, sample }
}

/** Cores that were busy between two samples; null without a first one, or one too close. */
export function cpusBetween(before: CpuSample | null, now: CpuSample): number | null {
  const elapsed = before ? now.at - before.at : 0
  if (!before || elapsed < 500) return null
  let busy = 0
  // A container that is new has used what it used since it began, which is at most since the first sample.
  for (const [id, time] of now.byContainer) busy += Math.max(0, time - (before.byContainer.get(id) ?? 0))
  return busy / (elapsed * 1e6)
}

/** Without the file cache that the kernel would give back, as docker's own client counts. */
function ownMemory(memory: z.infer<typeof Stats>['memory_stats']): number {
  if (!memory) return 0
  const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file']
  return typeof cache === 'number' && cache < memory.usage ? memory.usage - cache : memory.usage
}

async function oneShot(
  docker: Dockerode,
  id: string,
  abortSignal: AbortSignal,
): Promise<z.infer<typeof Stats> | null> {
  const options = { stream: false as const, 'one-shot': true, abortSignal }
  try {
    return Stats.safeParse(await docker.getContainer(id).stats(options)).data ?? null
  } catch (error) {
    if (signalled(error, abortSignal)) throw error
    return null // It has ended since it was listed.
  }
}

const signalled = (_error: unknown, signal: AbortSignal): boolean => signal.aborted

/** The disk under the engine: for one on this computer as the file system counts, else what the engine itself uses. */
export async function measureDisk(
  docker: Dockerode,
  info: EngineInfo,
  isHere: boolean,
  signal: AbortSignal,
): Promise<{ diskBytes: number | null; diskUsed: number | null }> {
  if (isHere && info.rootFolder !== '') {
    const found = await statfs(info.rootFolder).catch(() => null) // In a virtual machine the folder is not ours.
    if (found && found.blocks > 0) {
      const diskBytes = found.blocks * found.bsize
      return { diskBytes, diskUsed: diskBytes - found.bfree * found.bsize }
    }
  }
  const ask = docker.df as (options: { abortSignal: AbortSignal }) => Promise<unknown>
  const disk = understood(Disk, await ask.call(docker, { abortSignal: signal }))
  const containers = sum(disk.Containers, (item) => field(item, 'SizeRw'))
  const volumes = sum(disk.Volumes, (item) => field(record(item)?.['UsageData'], 'Size'))
  const cache = sum(disk.BuildCache, (item) => (record(item)?.['Shared'] === true ? 0 : field(item, 'Size')))
  return { diskBytes: null, diskUsed: disk.LayersSize + containers + volumes + cache }
}

const sum = (items: unknown[] | null | undefined, size: (item: unknown) => number): number =>
  (items ?? []).reduce((total: number, item) => total + size(item), 0)
const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
function field(value: unknown, name: string): number {
  const amount = record(value)?.[name]
  return typeof amount === 'number' && amount > 0 ? amount : 0
}
