import type { Service } from './objects'

/** Values that variables have in a service; those that it does not have are left out. */
export function secretsIn(service: Service, names: readonly string[]): Record<string, string> {
  const template = service.Spec.TaskTemplate
  const entries = (template && 'ContainerSpec' in template && template.ContainerSpec?.Env) || []
  const wanted = new Set(names)
  return Object.fromEntries(
    entries
      .map((entry): [string, string] => {
        const equals = entry.indexOf('=')
        return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
      })
      .filter(([name]) => wanted.has(name)),
  )
}
