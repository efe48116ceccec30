/**
 * The tenant naming rule of the system that Slipway grew from: `host/tenantID/imagename:tag`, and `_ownbase` after
 * the image name when the image is a custom base image.
 */
import { canonicalHost, isPathComponent, isTag, parseReference } from './reference'

export const ownbaseSuffix = '_ownbase'

export interface TargetName {
  host: string
  /** The private namespace: a tenant ID (a number or a UUID), or the owner's name at other registries. */
  tenant: string
  /** Without the `_ownbase` suffix. May have several path components. */
  imageName: string
  ownbase: boolean
  tag: string
}

export type TargetField = 'tenant' | 'imageName' | 'tag'
export type TargetProblem = 'empty' | 'uppercase' | 'characters' | 'too-long' | 'suffix-in-name' | 'start'

export interface TargetIssue {
  field: TargetField
  problem: TargetProblem
}

const tenantNumber = /^[0-9]{1,20}$/
const tenantUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text is a tenant ID of the source system: a number, or a UUID. */
export const isTenantId = (text: string): boolean => tenantNumber.test(text) || tenantUuid.test(text)

/** The repository that a target names: `727524/nginx`, `727524/jdk8_ownbase`. */
export function targetRepository(target: Pick<TargetName, 'tenant' | 'imageName' | 'ownbase'>): string {
  return `${target.tenant}/${target.imageName}${target.ownbase ? ownbaseSuffix : ''}`
}

/** The whole name: `dockerhub.yonyoucloud.com/727524/nginx:v1`. */
export function formatTarget(target: TargetName): string {
  return `${canonicalHost(target.host)}/${targetRepository(target)}:${target.tag}`
}

/** Everything that is wrong with a target, by field and in reading order; an empty list means it may be pushed. */
export function checkTarget(target: TargetName): TargetIssue[] {
  const issues: TargetIssue[] = []
  const add = (field: TargetField, problem: TargetProblem): void => void issues.push({ field, problem })
  if (target.tenant === '') add('tenant', 'empty')
  else if (!target.tenant.split('/').every(isPathComponent)) add('tenant', 'characters')

  const name = target.imageName
  if (name === '') add('imageName', 'empty')
  else if (/[A-Z]/.test(name)) add('imageName', 'uppercase')
  else if (target.ownbase && name.endsWith(ownbaseSuffix)) add('imageName', 'suffix-in-name')
  else if (!name.split('/').every(isPathComponent)) add('imageName', 'characters')
  else if (targetRepository(target).length > 255) add('imageName', 'too-long')

  if (target.tag === '') add('tag', 'empty')
  else if (target.tag.length > 128) add('tag', 'too-long')
  else if (/^[.-]/.test(target.tag)) add('tag', 'start')
  else if (!isTag(target.tag)) add('tag', 'characters')
  return issues
}

/** Splits `jdk8_ownbase` into its name and the switch. */
export function splitOwnbase(imageName: string): { imageName: string; ownbase: boolean } {
  return imageName.endsWith(ownbaseSuffix) && imageName.length > ownbaseSuffix.length
    ? { imageName: imageName.slice(0, -ownbaseSuffix.length), ownbase: true }
    : { imageName, ownbase: false }
}

/**
 * The target that is proposed for a local image: its last path component and its tag, into the given namespace. A
 * source that is no reference (a dangling image) leaves the name empty; a missing tag becomes `latest`.
 */
export function proposeTarget(source: string | null, host: string, tenant: string): TargetName {
  const reference = source === null ? null : parseReference(source)
  const last = reference?.repository.split('/').at(-1) ?? ''
  return { host, tenant, ...splitOwnbase(last), tag: reference?.tag ?? 'latest' }
}
