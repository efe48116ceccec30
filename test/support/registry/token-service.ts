import { randomBytes } from 'node:crypto'
import { TestServer, type Handler, type Recorded } from './test-server'

export interface TokenService {
  server: TestServer
  realm: string
  /** Accounts by name; everybody else is refused. */
  passwords: Map<string, string>
  /** Whether a token is given to nobody. */
  anonymous: boolean
  /** What is told as `expires_in`; null leaves it out. */
  seconds: number | null
  /** Cuts what was asked for down to what is granted; all of it when not changed. */
  grant: (scope: string, account: string | null) => string | null
  /** Tokens that were given out, with their scopes. */
  tokens: Map<string, string[]>
  /** The requests for a token. */
  requests: Recorded[]
  /** A rule for a registry: without a token for what `needs` says, 401. */
  guard: Handler
  stop(): Promise<void>
}

/** Starts a token service whose tokens are random texts in memory, so that every one can be told apart. */
export async function startTokenService(): Promise<TokenService> {
  const server = await TestServer.start()
  const service: TokenService = {
    server,
    realm: `${server.url}/token`,
    passwords: new Map(),
    anonymous: true,
    seconds: 300,
    grant: (scope) => scope,
    tokens: new Map(),
    requests: server.requests,
    guard: (request, response) => {
      const token = /^Bearer (.+)$/.exec(String(request.headers.authorization))?.[1] ?? ''
      const needed = scopeOf(request)
      const granted = service.tokens.get(token)
      if (granted && (needed === null || covers(granted, needed))) return false
      const scope = needed === null ? '' : `,scope="${needed}"`
      const error = granted ? ',error="insufficient_scope"' : ''
      response.writeHead(401, {
        'content-type': 'application/json',
        'www-authenticate': `Bearer realm="${service.realm}",service="test"${scope}${error}`,
      })
      response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }))
      return undefined
    },
    stop: () => server.stop(),
  }
  server.on('GET', '/token', (request, response) => {
    const query = new URL(request.path, server.url).searchParams
    const account = accountOf(request, service)
    if (account === undefined || (account === null && !service.anonymous)) {
      return void response.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    }
    const token = randomBytes(16).toString('hex')
    const scopes = query.getAll('scope').map((scope) => service.grant(scope, account))
    service.tokens.set(
      token,
      scopes.filter((scope): scope is string => scope !== null),
    )
    const life = service.seconds === null ? {} : { expires_in: service.seconds }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token, ...life }))
  })
  return service
}

/** Undefined: a wrong password; null: nobody. */
function accountOf(request: Recorded, service: TokenService): string | null | undefined {
  const header = request.headers.authorization
  if (typeof header !== 'string') return null
  const [name = '', password] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':')
  return service.passwords.get(name) === password && password !== undefined ? name : undefined
}

function scopeOf({ method, path }: Recorded): string | null {
  if (path.startsWith('/v2/_catalog')) return 'registry:catalog:*'
  const name = /^\/v2\/(.+?)\/(?:tags|manifests|blobs)\//.exec(path)?.[1]
  if (name === undefined) return null
  const actions: Record<string, string> = { GET: 'pull', HEAD: 'pull', DELETE: 'delete' }
  return `repository:${name}:${actions[method] ?? 'pull,push'}`
}

function covers(granted: string[], needed: string): boolean {
  const split = (scope: string): [string, string[]] => {
    const end = scope.lastIndexOf(':')
    return [scope.slice(0, end), scope.slice(end + 1).split(',')]
  }
  const [resource, actions] = split(needed)
  return granted.some((scope) => {
    const [own, allowed] = split(scope)
    return own === resource && actions.every((action) => allowed.includes(action))
  })
}
