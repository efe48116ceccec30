import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Account } from './accounts'
import type { Certificate } from './certificate'
import { runCommand } from './command'
import type { Storage } from './storage'
import type { TokenServer } from './token-server'

export interface RegistryConfigParts {
  name: string
  listen: string
  port: number
  storage: Storage
  delete?: boolean
  readOnly?: boolean
  /** With one it speaks TLS. */
  certificate: Certificate | undefined
  /** Path of the accounts' file, for Basic. */
  htpasswd: string | null
  /** For Bearer, with the authority that signs the tokens' key. */
  tokens: TokenServer | null
  authority: Certificate | null
}

/** The configuration of distribution 2.8 for these parts. */
export function registryConfig(parts: RegistryConfigParts): object {
  const { certificate } = parts
  return {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: parts.storage.root },
      delete: { enabled: parts.delete ?? true },
      cache: { blobdescriptor: 'inmemory' },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: parts.readOnly ?? false } },
    },
    http: {
      addr: `${parts.listen}:${parts.port}`,
      secret: randomBytes(16).toString('hex'),
      ...(certificate ? { tls: { certificate: certificate.path, key: certificate.keyPath } } : {}),
    },
    ...authConfig(parts),
  }
}

function authConfig({ name, htpasswd, tokens, authority }: RegistryConfigParts): object {
  if (htpasswd !== null) return { auth: { htpasswd: { realm: name, path: htpasswd } } }
  if (tokens === null || authority === null) return {}
  const { realm, issuer } = tokens
  return { auth: { token: { realm, service: name, issuer, rootcertbundle: authority.path } } }
}

/** Writes the accounts as Apache's htpasswd does, bcrypt being what the registry wants; resolves with the path. */
export async function passwordFile(path: string, users: Account[]): Promise<string> {
  const lines = users.map(({ name, password }) =>
    runCommand('htpasswd', ['-nBi', '-C', '5', name], { input: password }),
  )
  writeFileSync(path, (await Promise.all(lines)).join(''), { mode: 0o600 })
  return path
}
