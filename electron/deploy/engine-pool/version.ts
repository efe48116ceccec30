import type { DeploymentVersion } from '@shared/running'
import type { Change } from '../driver'

/** The version that a change makes. */
export function versionOf(change: Change, version: number, digest: string | null): DeploymentVersion {
  const { reason, spec } = change
  return { version, at: Date.now(), reason, spec, digest }
}

/** The numbers of `count` instances, from 1. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
