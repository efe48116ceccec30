/** From what an engine or a person's file says to a deployment that the schema takes. */
import { DeploymentName, DeploymentSpec, emptySpec } from '@shared/deployment'

/** A text as a deployment's name: small letters, digits and dashes; `deployment` where nothing of it is left. */
export function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  return DeploymentName.safeParse(name).success ? name : 'deployment'
}

const lists = ['ports', 'environment', 'volumes', 'networks', 'files'] as const

type Issue = { path: PropertyKey[] }

/** Takes what is wrong out of its list or table; any other field that is wrong goes back to what an empty deployment has. */
function mend(spec: DeploymentSpec, issues: readonly Issue[]): DeploymentSpec {
  const standard = emptySpec(spec.image, nameFrom(spec.name))
  const wrong = new Map<PropertyKey, Set<PropertyKey | null>>()
  for (const { path } of issues) {
    const [field = '', key = null] = path
    wrong.set(field, (wrong.get(field) ?? new Set()).add(key))
  }
  const mended: Record<string, unknown> = { ...spec }
  for (const [name, value] of Object.entries(standard)) {
    const keys = wrong.get(name)
    if (!keys) continue
    const list = lists.find((known) => known === name)
    // Without a key there are too many entries.
    if (list && !keys.has(null)) mended[list] = spec[list].filter((_, index) => !keys.has(index))
    else if (name === 'labels' && !keys.has(null)) {
      mended.labels = Object.fromEntries(Object.entries(spec.labels).filter(([label]) => !keys.has(label)))
    } else mended[name] = value
  }
  return { ...spec, ...mended }
}

/**
 * The same deployment without what the schema refuses: an engine holds things that Slipway would not make. Of lists and tables
 * the entries that are wrong go; where that does not help, only name and image are left.
 */
export function repaired(spec: DeploymentSpec): DeploymentSpec {
  let current = spec
  // What is wrong between two fields shows only once each of them is right.
  for (let round = 0; round < 5; round += 1) {
    const parsed = DeploymentSpec.safeParse(current)
    if (parsed.success) return parsed.data
    current = mend(current, parsed.error.issues)
  }
  return emptySpec(spec.image, nameFrom(spec.name))
}
