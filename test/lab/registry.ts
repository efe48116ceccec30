import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { newAccount, type Account } from './accounts'
import { makeAuthority, type Certificate, type CertificateAuthority } from './certificate'
import { freePort } from './ports'
import { startService, type Service } from './process'
import { passwordFile, registryConfig } from './registry-config'
import type { Grants } from './scopes'
import { openStorage, type Storage } from './storage'
import { temporaryFolder } from './temporary'
import { startTokenServer, type TokenServer } from './token-server'

export interface RegistryOptions {
  name?: string
  auth?: 'none' | 'basic' | 'bearer'
  tls?: boolean
  /** Signs its certificate; one is made when needed and not given. */
  authority?: CertificateAuthority
  /** Instead of one issued for 127.0.0.1 and localhost: say an expired one, or one for another name. */
  certificate?: Certificate
  /** Names of accounts, or accounts; `developer` and `reader` when not given. */
  users?: (string | Account)[]
  /** For bearer: what each user may do; the defaults are in `defaultGrants`. */
  grants?: Record<string, Grants>
  /** For bearer: life of an access token. */
  tokenSeconds?: number
  /** Whether manifests can be deleted; yes when not given. */
  delete?: boolean
  readOnly?: boolean
  /** A storage to share with another registry; one of its own when not given. */
  storage?: Storage
  /** Address to listen on; 127.0.0.1 when not given. */
  listen?: string
}

export interface Registry {
  name: string
  /** Say 127.0.0.1:40123. */
  host: string
  port: number
  url: string
  /** By user name. */
  accounts: Record<string, Account>
  authority: CertificateAuthority | null
  tokens: TokenServer | null
  storage: Storage
  log(bytes?: number): string
  /** The requests it has answered, one line each in Apache's combined format. */
  accessLog(): string[]
  /** Ends it; `start()` brings it back on the same port with the same content. */
  halt(): Promise<void>
  start(): Promise<void>
  /** Ends it for good, with its content and its token server. */
  stop(): Promise<void>
}

/** May push to the tenant 727524 (`developer`) or only read (`reader`); the public library is for everybody. */
export const defaultGrants: Record<string, Grants> = {
  '': { 'library/*': ['pull'] },
  developer: {
    '727524/*': ['pull', 'push', 'delete'],
    'library/*': ['pull'],
    'registry:catalog': ['*'],
  },
  reader: { '727524/*': ['pull'], 'library/*': ['pull'], 'registry:catalog': ['*'] },
}

/** Starts a registry (distribution 2.8) with the given kind of sign-in; it needs no root. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { auth = 'none', tls = false, listen = '127.0.0.1' } = options
  const name = options.name ?? auth
  const folder = temporaryFolder('registry')
  const authority = options.authority ?? (tls || auth === 'bearer' ? makeAuthority(folder.path) : null)
  const users = (options.users ?? ['developer', 'reader']).map((user) =>
    typeof user === 'string' ? newAccount(user) : user,
  )
  const accounts = Object.fromEntries(auth === 'none' ? [] : users.map((user) => [user.name, user]))
  const tokens =
    auth === 'bearer' && authority !== null
      ? await startTokenServer({
          ...{ authority, tls, service: name, accounts: [...users] },
          ...{ grants: options.grants ?? defaultGrants, tokenSeconds: options.tokenSeconds },
        })
      : null
  const storage = options.storage ?? openStorage(folder.join('storage'))
  mkdirSync(storage.root, { recursive: true })
  const port = await freePort(listen)
  const htpasswd = auth === 'basic' ? await passwordFile(folder.join('htpasswd'), users) : null
  const names = [listen, 'localhost']
  const certificate = tls
    ? (options.certificate ?? authority?.issue(`registry-${port}`, { names }))
    : undefined
  const config = registryConfig({
    ...options,
    name,
    storage,
    listen,
    port,
    certificate,
    htpasswd,
    tokens,
    authority,
  })
  // JSON is YAML too.
  writeFileSync(folder.join('config.yml'), JSON.stringify(config, null, 2))
  let service: Service | null = null
  const host = `${listen}:${port}`

  const registry: Registry = {
    ...{ name, host, port, accounts, authority, tokens, storage },
    url: `${tls ? 'https' : 'http'}://${host}`,
    log: (bytes) => service?.log(bytes) ?? '',
    accessLog: () =>
      readFileSync(folder.join('log'), 'utf8')
        .split('\n')
        .filter((line) => /"[A-Z]+ \S+ HTTP/.test(line)),
    async start() {
      if (service?.running()) return
      service = await startService({
        command: 'docker-registry',
        args: ['serve', folder.join('config.yml')],
        logFile: folder.join('log'),
        // Variables named REGISTRY_... would override the configuration.
        env: { PATH: process.env.PATH, HOME: folder.path, OTEL_TRACES_EXPORTER: 'none' },
      })
      await service.ready(() => accepts(listen, port))
    },
    async halt() {
      await service?.stop()
    },
    async stop() {
      await Promise.all([registry.halt(), tokens?.stop()])
      folder.remove()
    },
  }
  try {
    await registry.start()
  } catch (error) {
    await registry.stop()
    throw error
  }
  return registry
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, host)
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })
}
