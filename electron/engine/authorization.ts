import { AppError } from '@shared/error'
import { mayHoldSecrets, type Target } from './target'

export interface EngineAuth {
  /** `<token>` says that the password is an identity token. */
  username: string
  password: string
  serverAddress: string
}

/** What an engine, or a registry behind it, could say back of an account. */
export const secretsOfAuth = (auth: EngineAuth | null): string[] =>
  auth ? [auth.password, Buffer.from(`${auth.username}:${auth.password}`).toString('base64')] : []

/**
 * What dockerode encodes (base64url, RFC 4648 section 5) as `X-Registry-Auth`; without an account the empty object, since
 * the engine's push refuses a request without that header. Throws ENGINE_INSECURE rather than send a password over plain
 * tcp:// to another machine.
 */
export function registryAuth(auth: EngineAuth | null, target: Target): Record<string, string> {
  if (!auth) return {}
  if (!mayHoldSecrets(target)) {
    const detail = `Credentials are not sent to ${target.endpoint.host}: the connection is neither local nor checked by TLS.`
    throw new AppError('ENGINE_INSECURE', { side: 'engine' }, { detail })
  }
  const serveraddress = auth.serverAddress
  if (auth.username === '<token>') return { identitytoken: auth.password, serveraddress }
  return { username: auth.username, password: auth.password, serveraddress }
}
