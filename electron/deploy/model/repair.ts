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

type Path = readonly PropertyKey[]

/** Takes what is wrong out of its list or table; any other field goes back to what an empty deployment has. */
function mend(spec: DeploymentSpec, path: Path): DeploymentSpec {
  const [field, key] = path
  const standard = { ...emptySpec(spec.image, nameFrom(spec.name)) }
  const entries = new Map<PropertyKey, unknown>(Object.entries(spec))
  const value = entries.get(field ?? '')
  const lists = ['ports', 'environment', 'volumes', 'networks', 'files']
  if (Array.isArray(value) && typeof key === 'number' && lists.includes(String(field))) {
    return { ...spec, [String(field)]: value.filter((_, index) => index !== key) }
  }
  if (field === 'labels' && typeof key === 'string') {
    return {
      ...spec,
      labels: Object.fromEntries(Object.entries(spec.labels).filter(([name]) => name !== key)),
    }
  }
  return { ...spec, [String(field)]: Object.entries(standard).find(([name]) => name === field)?.[1] }
}

/**
 * The same deployment without what the schema refuses: an engine holds things that Slipway would not make. Entries go one by
 * one; after a bound on their number only name and image are left.
 */
export function repaired(spec: DeploymentSpec): DeploymentSpec {
  let current = spec
  for (let round = 0; round < 500; round += 1) {
    const parsed = DeploymentSpec.safeParse(current)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    // From the last to the first, so that places in a list stay right within one round.
    const path = issue?.path ?? []
    current = mend(current, path)
  }
  return emptySpec(spec.image, nameFrom(spec.name))
}
