/** What the lists of deployments show, apart from words: rows, their order, and what a filter finds. */
import { isEnded, isPoolJob, type DeployRequest, type Job } from '@shared/job'
import type { Address, DeploymentState, DeploymentSummary, OtherWorkload } from '@shared/running'
import { deploymentKey } from '@/stores/deployments'

/** A deployment, or one that is still being made. */
export interface DeploymentRow {
  key: string
  poolId: string
  id: string
  name: string
  summary: DeploymentSummary | null
  /** The job that makes it or changes it now. */
  job: (Job & { request: DeployRequest }) | null
}

const isDeploy = (job: Job): job is Job & { request: DeployRequest } => job.request.kind === 'deploy'

/** Every deployment with the job that changes it, and those that only a job knows of yet. */
export function deploymentRows(
  deployments: readonly DeploymentSummary[],
  jobs: readonly Job[],
): DeploymentRow[] {
  const active = new Map<string, Job & { request: DeployRequest }>()
  for (const job of jobs) {
    if (!isPoolJob(job) || !isDeploy(job) || isEnded(job.state)) continue
    const { poolId, deploymentId: id } = job.request
    active.set(deploymentKey({ poolId, id }), job)
  }
  const rows: DeploymentRow[] = deployments.map((summary) => {
    const key = deploymentKey(summary)
    const job = active.get(key) ?? null
    active.delete(key)
    return { key, poolId: summary.poolId, id: summary.id, name: summary.name, summary, job }
  })
  for (const [key, job] of active) {
    const { poolId, deploymentId: id, spec, baseVersion } = job.request
    if (baseVersion === null) rows.push({ key, poolId, id, name: spec.name, summary: null, job })
  }
  return rows
}

/** Where a deployment answers, what a browser opens first; never its debugger. */
export function shownAddresses(addresses: readonly Address[]): Address[] {
  const plain = addresses.filter(({ debug }) => !debug)
  return [...plain.filter(({ url }) => url !== null), ...plain.filter(({ url }) => url === null)]
}

export const addressText = ({ host, port }: Pick<Address, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

function finds(filter: string, texts: readonly (string | null | undefined)[]): boolean {
  const all = texts.join('\n').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}

/** Rows in which every word of the filter is found: name, image, digest, pool, port, state. */
export const filterRows = (
  rows: readonly DeploymentRow[],
  filter: string,
  poolName: (id: string) => string,
  stateText: (row: DeploymentRow) => string,
): DeploymentRow[] =>
  filter.trim() === ''
    ? [...rows]
    : rows.filter((row) =>
        finds(filter.trim(), [
          row.name,
          row.summary?.image.reference ?? row.job?.request.spec.image.reference,
          row.summary?.digest,
          poolName(row.poolId),
          stateText(row),
          ...(row.summary?.addresses ?? []).map(addressText),
        ]),
      )

export const filterOthers = (
  others: readonly OtherWorkload[],
  filter: string,
  poolName: (id: string) => string,
): OtherWorkload[] =>
  filter.trim() === ''
    ? [...others]
    : others.filter((one) =>
        finds(filter.trim(), [
          one.name,
          one.image,
          one.state,
          poolName(one.poolId),
          ...one.addresses.map(addressText),
        ]),
      )

/** What wants to be looked at comes first. */
const urgency: readonly DeploymentState[] = [
  'failed',
  'degraded',
  'unknown',
  'starting',
  'updating',
  'running',
  'stopped',
]
export const compareStates = (a: DeploymentRow, b: DeploymentRow): number => {
  const rank = ({ summary }: DeploymentRow): number => (summary ? urgency.indexOf(summary.state) : 3)
  return rank(a) - rank(b)
}

export type Tone = 'plain' | 'accent' | 'success' | 'warning' | 'danger'
export const stateTones: Record<DeploymentState, Tone> = {
  starting: 'accent',
  running: 'success',
  degraded: 'warning',
  updating: 'accent',
  stopped: 'plain',
  failed: 'danger',
  unknown: 'warning',
}

/** The name that tells images apart, without its host: `nginx:1.27`. */
export function shortImage(reference: string): string {
  const name = reference.split('@')[0] ?? reference
  return name.slice(name.lastIndexOf('/') + 1)
}
