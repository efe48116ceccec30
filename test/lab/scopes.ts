/** One `type:name:actions` of a token request (distribution, "Token Scope Documentation"). */
export interface Scope {
  type: string
  name: string
  actions: string[]
}

/** What a user may do: repository patterns such as `library/*`, and the actions on them. */
export type Grants = Record<string, string[]>

/** Parses scopes as they stand in a query or a form: several values, each with several scopes; a name may hold `:`. */
export function parseScopes(values: string[]): Scope[] {
  return values
    .flatMap((value) => value.split(' '))
    .filter((text) => text !== '')
    .flatMap((text) => {
      const first = text.indexOf(':')
      const last = text.lastIndexOf(':')
      if (first < 0 || first === last) return []
      const actions = text.slice(last + 1).split(',')
      return [{ type: text.slice(0, first), name: text.slice(first + 1, last), actions }]
    })
}

/** Cuts the scopes that were asked for down to what the grants allow; what is left without an action is dropped. */
export function allowed(asked: Scope[], grants: Grants): Scope[] {
  return asked
    .map((scope) => {
      const granted = Object.entries(grants)
        .filter(([pattern]) => covers(pattern, scope))
        .flatMap(([, actions]) => actions)
      return { ...scope, actions: scope.actions.filter((action) => granted.includes(action)) }
    })
    .filter((scope) => scope.actions.length > 0)
}

function covers(pattern: string, { type, name }: Scope): boolean {
  if (type === 'registry') return pattern === `registry:${name}`
  if (type !== 'repository') return false
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
