import type { Preset } from '@shared/registry'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** The dialog of the whole window that is open. None ever holds a secret. */
export type Dialog =
  | { kind: 'registry-form'; registryId: string | null; preset: Preset | null }
  | { kind: 'sign-in'; registryId: string; username: string | null; sessionOnly: boolean }
  | { kind: 'certificate'; registryId: string }
  | { kind: 'realm'; registryId: string; realm: string }
  | { kind: 'add-repository'; registryId: string }
  | { kind: 'remove-registry'; registryId: string }
  | { kind: 'engine-start' }
  | { kind: 'pool-form'; poolId: string | null }
  | { kind: 'remove-pool'; poolId: string }
  | { kind: 'begin-swarm'; poolId: string }
  | { kind: 'remove-node'; poolId: string; nodeId: string }

/** Which global dialog is open; RegistryDialogs.vue shows it, one at a time. */
export const useDialogsStore = defineStore('dialogs', () => {
  const current = shallowRef<Dialog | null>(null)
  const open = (dialog: Dialog): void => void (current.value = dialog)

  return {
    current,
    /** The form for a new registry, with a preset where one was chosen. */
    addRegistry: (preset: Preset | null = null) => open({ kind: 'registry-form', registryId: null, preset }),
    editRegistry: (registryId: string) => open({ kind: 'registry-form', registryId, preset: null }),
    removeRegistry: (registryId: string) => open({ kind: 'remove-registry', registryId }),
    signIn: (registryId: string, options: { username?: string | null; sessionOnly?: boolean } = {}) =>
      open({
        kind: 'sign-in',
        registryId,
        username: options.username ?? null,
        sessionOnly: options.sessionOnly ?? false,
      }),
    showCertificate: (registryId: string) => open({ kind: 'certificate', registryId }),
    confirmRealm: (registryId: string, realm: string) => open({ kind: 'realm', registryId, realm }),
    addRepository: (registryId: string) => open({ kind: 'add-repository', registryId }),
    explainEngineStart: () => open({ kind: 'engine-start' }),
    addPool: () => open({ kind: 'pool-form', poolId: null }),
    editPool: (poolId: string) => open({ kind: 'pool-form', poolId }),
    removePool: (poolId: string) => open({ kind: 'remove-pool', poolId }),
    beginSwarm: (poolId: string) => open({ kind: 'begin-swarm', poolId }),
    removeNode: (poolId: string, nodeId: string) => open({ kind: 'remove-node', poolId, nodeId }),
    close: () => void (current.value = null),
  }
})
