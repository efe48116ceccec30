import type { Emit, Handlers } from '@shared/contract'
import type { Registries } from '../registries/registries'

export interface RegistryParts {
  registries: Registries
  emit: Emit
  /** Shows a file picker; the PEM text, or null when it was closed. */
  choosePem: () => Promise<string | null>
  /** What is cached of a registry goes with it. */
  forget: (id: string) => Promise<void>
}

type Calls = Extract<keyof Handlers, `registry:${string}` | `account:${string}`>

/** Calls on registries and their accounts. */
export function registryHandlers({
  registries,
  emit,
  choosePem,
  forget,
}: RegistryParts): Pick<Handlers, Calls> {
  return {
    'registry:list': () => registries.snapshot(),
    'registry:add': (draft) => registries.add(draft),
    'registry:change': ({ id, draft }) => registries.change(id, draft),
    'registry:remove': async ({ id }) => {
      await registries.remove(id)
      await forget(id)
      return undefined
    },
    'registry:probe': ({ probeId, id, draft, account }) =>
      registries.probe({ id, draft, account, onSteps: (steps) => emit('probe:changed', { probeId, steps }) }),
    'registry:inspect-certificate': ({ host, trust }) => registries.inspectCertificate(host, trust),
    'registry:confirm-realm': ({ id, realm }) => registries.confirmRealm(id, realm),
    'registry:choose-certificate': async () => {
      const pem = await choosePem()
      return pem === null ? null : { pem }
    },
    'account:sign-in': (input) => registries.signIn(input),
    'account:docker-login': async ({ registryId }) => ({ username: await registries.dockerUser(registryId) }),
    'account:adopt-docker-login': ({ registryId, keep }) => registries.adoptDockerLogin(registryId, keep),
    'account:sign-out': ({ registryId, accountId }) => registries.signOut(registryId, accountId),
    'account:forget-left': () => registries.forgetLeft(),
    'account:choose': ({ registryId, accountId }) => registries.chooseAccount(registryId, accountId),
  }
}
