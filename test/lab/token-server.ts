import { randomBytes, sign } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { Account } from './accounts'
import type { CertificateAuthority } from './certificate'
import { allowed, parseScopes, type Grants, type Scope } from './scopes'

export interface TokenServerOptions {
  authority: CertificateAuthority
  service: string
  tls: boolean
  accounts: Account[]
  /** By user name; '' is everybody who does not sign in. */
  grants: Record<string, Grants>
  /** Life of an access token. */
  tokenSeconds?: number
}

export interface TokenServer {
  realm: string
  issuer: string
  /** Seconds that the next tokens live; may be changed at any time. */
  tokenSeconds: number
  /** Token requests so far, by outcome, and the scopes as they were asked for. */
  requests: { granted: number; refused: number; scopes: string[] }
  /** Takes an account away: its name, password and refresh tokens are refused from now on. */
  revoke(user: string): void
  stop(): Promise<void>
}

interface TokenRequest {
  user: string | null
  scopes: Scope[]
  service: string
  offline: boolean
}

/** Starts a token server (distribution's token authentication, GET and the OAuth2 POST) on a free port of 127.0.0.1. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { authority, accounts, grants } = options
  const signer = authority.issue('token-signer', { kind: 'rsa', names: ['token-signer'] })
  const refreshTokens = new Map<string, string>()
  const issuer = 'slipway-lab'

  const answer = (asked: TokenRequest): object => {
    const now = Math.floor(Date.now() / 1000)
    const access = allowed(asked.scopes, grants[asked.user ?? ''] ?? {})
    const claims = {
      ...{ iss: issuer, sub: asked.user ?? '', aud: asked.service, jti: randomBytes(8).toString('hex') },
      ...{ iat: now, nbf: now - 5, exp: now + tokenServer.tokenSeconds, access },
    }
    const header = { typ: 'JWT', alg: 'RS256', x5c: [signer.der.toString('base64')] }
    const body = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const token = `${body}.${sign('sha256', Buffer.from(body), signer.key).toString('base64url')}`
    const life = { expires_in: tokenServer.tokenSeconds, issued_at: new Date(now * 1000).toISOString() }
    if (!asked.offline || asked.user === null) return { token, access_token: token, ...life }
    const refresh = randomBytes(24).toString('base64url')
    refreshTokens.set(refresh, asked.user)
    return { token, access_token: token, refresh_token: refresh, ...life }
  }
  const signIn = (name: string, password: string): string | undefined =>
    accounts.find((account) => account.name === name && account.password === password)?.name

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const form = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : url.searchParams
    const scopes = form.getAll('scope')
    tokenServer.requests.scopes.push(...scopes)
    const user =
      request.method === 'POST' ? fromForm(form, signIn, refreshTokens) : fromHeader(request, signIn)
    if (user === undefined || (user === null && grants[''] === undefined)) {
      tokenServer.requests.refused += 1
      return send(response, 401, {
        errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }],
      })
    }
    tokenServer.requests.granted += 1
    const offline = form.get('offline_token') === 'true' || form.get('access_type') === 'offline'
    send(
      response,
      200,
      answer({ user, scopes: parseScopes(scopes), service: form.get('service') ?? '', offline }),
    )
  }
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch(() => response.destroy())
  }
  const certificate = options.tls ? authority.issue('token-server') : null
  const server = certificate
    ? createHttps(
        { cert: certificate.pem, key: certificate.key.export({ type: 'pkcs8', format: 'pem' }) },
        listener,
      )
    : createHttp(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0

  const tokenServer: TokenServer = {
    realm: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/token`,
    issuer,
    tokenSeconds: options.tokenSeconds ?? 300,
    requests: { granted: 0, refused: 0, scopes: [] },
    revoke(name) {
      const found = accounts.findIndex((account) => account.name === name)
      if (found >= 0) accounts.splice(found, 1)
      for (const [token, user] of refreshTokens) if (user === name) refreshTokens.delete(token)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return tokenServer
}

type SignIn = (name: string, password: string) => string | undefined

// Undefined: refused; null: nobody signed in.
function fromHeader(request: IncomingMessage, signIn: SignIn): string | null | undefined {
  const header = request.headers.authorization
  if (header === undefined) return null
  const text = Buffer.from(header.replace(/^Basic /i, ''), 'base64').toString()
  const colon = text.indexOf(':')
  return signIn(text.slice(0, colon), text.slice(colon + 1))
}

function fromForm(
  form: URLSearchParams,
  signIn: SignIn,
  refreshTokens: Map<string, string>,
): string | undefined {
  if (form.get('grant_type') === 'refresh_token') return refreshTokens.get(form.get('refresh_token') ?? '')
  return signIn(form.get('username') ?? '', form.get('password') ?? '')
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString()
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
