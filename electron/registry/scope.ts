/**
 * Scopes of the token protocol, `type:name:action,action` (distribution, "Token Scope Documentation"). A name may hold a
 * colon (`host:5000/name`), so type and actions are cut off at the first and at the last one.
 */
export type Action = 'pull' | 'push' | 'delete'

export const repositoryScope = (repository: string, ...actions: Action[]): string =>
  `repository:${repository}:${actions.join(',')}`

export const catalogScope = 'registry:catalog:*'

function split(scope: string): { resource: string; actions: string[] } | null {
  const end = scope.lastIndexOf(':')
  if (end <= scope.indexOf(':')) return null
  return { resource: scope.slice(0, end), actions: scope.slice(end + 1).split(',') }
}

/** Joins lists of scopes: one per resource, actions and resources sorted, so that equal needs have equal texts. */
export function mergeScopes(...lists: readonly (readonly string[])[]): string[] {
  const actions = new Map<string, Set<string>>()
  for (const scope of lists.flat()) {
    const parts = split(scope)
    if (parts === null) continue
    const known = actions.get(parts.resource) ?? new Set()
    for (const action of parts.actions) if (action !== '') known.add(action)
    actions.set(parts.resource, known)
  }
  return [...actions].map(([resource, known]) => `${resource}:${[...known].sort().join(',')}`).sort()
}

/** The scopes in a challenge's `scope` parameter, which are separated by spaces. */
export const parseScopes = (text: string | undefined): string[] =>
  mergeScopes((text ?? '').split(' ').slice(0, 20))
