import type { Registry, Section } from '@shared/registry'

/** The section under which a repository is shown: that of the narrower namespace around it, else one that there is. */
export function sectionOf(registry: Registry, repository: string): Section {
  const depth = (role: { namespace: string } | null): number => {
    if (role === null) return -2
    if (role.namespace === '') return 0
    return repository.startsWith(`${role.namespace}/`) ? role.namespace.length : -1
  }
  return depth(registry.privateRole) > depth(registry.publicRole) ? 'private' : 'public'
}
