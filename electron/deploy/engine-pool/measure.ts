import { z } from 'zod'
import { pause, withDeadline } from '../../engine/deadline'
import { understood } from '../../engine/understood'
import { AppError } from '@shared/error'
import type { Measure, PoolConnection } from '../driver'
import { inParallel } from '../in-parallel'
import { asking } from './error'
import { patience, type OwnContainer } from './listing'
import { versionsOf } from './models'
import { containersOf } from './read'

/** How many containers are asked at a time: docker takes a second for each, Podman half of one. */
const width = 32
/** Between two readings of an engine that tells no earlier one; milliseconds. */
const apart = 500

const number = z.number().min(0).max(Number.MAX_SAFE_INTEGER).nullish().catch(null)
const Cpu = z
  .object({ cpu_usage: z.object({ total_usage: number }).nullish().catch(null) })
  .nullish()
  .catch(null)
const Stats = z.object({
  read: z.string().catch(''),
  preread: z.string().catch(''),
  cpu_stats: Cpu,
  precpu_stats: Cpu,
  memory_stats: z
    .object({ usage: number, limit: number, stats: z.record(z.string(), z.number()).nullish().catch(null) })
    .nullish()
    .catch(null),
  networks: z
    .record(z.string(), z.object({ rx_bytes: number, tx_bytes: number }))
    .nullish()
    .catch(null),
})
type Stats = z.infer<typeof Stats>

/** What the running instances of a deployment use now; DEPLOYMENT_UNKNOWN. Takes up to two seconds. */
export async function measureDeployment(
  connection: PoolConnection,
  id: string,
  signal: AbortSignal,
): Promise<Measure[]> {
  const containers = await containersOf(connection, id, signal)
  const running = containers.filter(({ state, role }) => state === 'running' && role !== 'record')
  const measured = await inParallel(running, width, (container) =>
    measureContainer(connection, container, signal),
  )
  return measured.flatMap((one) => one ?? [])
}

/** What one container uses now, for any driver that knows it; null where it does not run any more. */
export async function measureContainer(
  connection: PoolConnection,
  container: Pick<OwnContainer, 'id' | 'name' | 'labels'>,
  signal: AbortSignal,
): Promise<Measure | null> {
  const last = await statsOf(connection, container.id, signal)
  if (!last) return null
  const told = totalOf(last.precpu_stats) !== null && timeOf(last.preread) !== null
  const first = told
    ? { total: totalOf(last.precpu_stats), at: timeOf(last.preread) }
    : { total: totalOf(last.cpu_stats), at: timeOf(last.read) }
  const second = told ? last : await pauseAndRead(connection, container.id, signal)
  // Ended meanwhile.
  if (!second) return null
  const [newest] = versionsOf(connection, container.labels)
  const limit = newest ? newest.spec.memory.limit : null
  return {
    instanceId: container.id,
    name: container.name,
    at: Date.now(),
    cpu: coresOf(first, { total: totalOf(second.cpu_stats), at: timeOf(second.read) }),
    memory: memoryOf(second),
    memoryLimit: limit,
    received: sum(second, 'rx_bytes'),
    sent: sum(second, 'tx_bytes'),
  }
}

async function pauseAndRead(
  connection: PoolConnection,
  id: string,
  signal: AbortSignal,
): Promise<Stats | null> {
  await pause(apart, signal)
  return statsOf(connection, id, signal)
}

async function statsOf({ docker }: PoolConnection, id: string, signal: AbortSignal): Promise<Stats | null> {
  try {
    const answer = await asking({}, () =>
      withDeadline(patience, signal, () => docker.getContainer(id).stats({ stream: false })),
    )
    const stats = understood(Stats, answer)
    // A container that has just ended is told of with zeros.
    return timeOf(stats.read) === null || totalOf(stats.cpu_stats) === null ? null : stats
  } catch (error) {
    if (error instanceof AppError && isGone(error)) return null
    throw error
  }
}

/** Removed or ended since it was listed; Podman says so with a conflict. */
const isGone = ({ code, context, detail }: AppError): boolean =>
  code === 'DEPLOYMENT_UNKNOWN' ||
  context.status === 404 ||
  context.status === 409 ||
  /is not running|container state improper/i.test(detail ?? '')

const totalOf = (cpu: Stats['cpu_stats']): number | null => cpu?.cpu_usage?.total_usage ?? null

/** Milliseconds, with their fraction: two readings of Podman's may be a few apart. */
function timeOf(written: string): number | null {
  const whole = Date.parse(written)
  if (!Number.isFinite(whole) || whole <= 0) return null
  const fraction = /\.(\d+)/.exec(written)?.[1]
  return fraction ? Math.floor(whole / 1000) * 1000 + Number(`0.${fraction}`) * 1000 : whole
}

interface Reading {
  /** Nanoseconds of CPU since the container began. */
  total: number | null
  at: number | null
}

function coresOf(first: Reading, second: Reading): number {
  if (first.total === null || second.total === null || first.at === null || second.at === null) return 0
  const span = second.at - first.at
  return span > 0 ? Math.max(0, (second.total - first.total) / 1e6 / span) : 0
}

/** Without the file cache, which the kernel gives back: as `docker stats` shows it. */
function memoryOf({ memory_stats: memory }: Stats): number {
  const usage = memory?.usage ?? 0
  const cache = memory?.stats?.['total_inactive_file'] ?? memory?.stats?.['inactive_file'] ?? 0
  return Math.max(0, cache < usage ? usage - cache : usage)
}

function sum({ networks }: Stats, field: 'rx_bytes' | 'tx_bytes'): number {
  return Object.values(networks ?? {}).reduce((total, network) => total + (network[field] ?? 0), 0)
}
