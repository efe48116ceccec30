/** What a journey needs but is not about, done in a moment: by the window's own bridge instead of its forms. */
import assert from 'node:assert/strict'
import type { Bridge, CallInput, CallName, CallOutput, Result } from '@shared/contract'
import type { Registry as Known, RegistryDraft } from '@shared/registry'
import type { Account } from '../../lab/accounts'
import type { Registry } from '../../lab/registry'
import type { Journey } from './journey'

/** Sends any name and any input through the bridge, as a page of the window could. */
export function ask(journey: Journey, name: string, input: unknown): Promise<Result<unknown>> {
  return journey.page.evaluate(
    async ([name, input]) =>
      (globalThis as unknown as { slipway: Bridge }).slipway.invoke(name as string, input),
    [name, input] as const,
  )
}

/** A call of the contract; fails with the error that it answers. */
export async function call<K extends CallName>(
  journey: Journey,
  name: K,
  input: CallInput<K>,
): Promise<CallOutput<K>> {
  const answer = await ask(journey, name, input)
  assert.ok(answer.ok, answer.ok ? '' : `${name}: ${JSON.stringify(answer.error)}`)
  return answer.value as CallOutput<K>
}

export interface Roles {
  name: string
  /** Instead of the registry's own: say that of a proxy before it. */
  host?: string
  /** Namespace of the public catalog. */
  library?: string
  /** Namespace of one's own images. */
  tenant?: string
  account?: Account
  /** Where the password stays; in the keychain when not given. */
  keep?: 'keychain' | 'session'
}

/** Adds a registry of the lab with its authority trusted, and signs in where an account is given. */
export async function addRegistry(journey: Journey, registry: Registry, roles: Roles): Promise<Known> {
  const draft: RegistryDraft = {
    name: roles.name,
    host: roles.host ?? registry.host,
    protocol: registry.url.startsWith('https:') ? 'https' : 'http',
    trust: registry.authority ? { kind: 'pem', pem: registry.authority.pem } : { kind: 'system' },
    preset: 'other',
    publicRole: roles.library === undefined ? null : { namespace: roles.library },
    privateRole: roles.tenant === undefined ? null : { namespace: roles.tenant },
  }
  const added = await call(journey, 'registry:add', draft)
  return roles.account ? signIn(journey, added.id, roles.account, roles.keep) : added
}

/** Signs in, which makes the account the one in use. */
export function signIn(
  journey: Journey,
  registryId: string,
  account: Account,
  keep: 'keychain' | 'session' = 'keychain',
): Promise<Known> {
  const { name: username, password } = account
  return call(journey, 'account:sign-in', { registryId, username, password, keep })
}

/** An account of a registry of the lab, by name. */
export function accountOf(registry: Registry, name: string): Account {
  const account = registry.accounts[name]
  assert.ok(account, `the registry has an account ${name}`)
  return account
}
