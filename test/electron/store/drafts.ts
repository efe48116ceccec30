import type { RegistryDraft } from '@shared/registry'

/** A draft that is accepted, with what a test changes. */
export const draftOf = (change: Partial<RegistryDraft> = {}): RegistryDraft => ({
  name: 'Ours',
  host: 'registry.example.com',
  protocol: 'https',
  trust: { kind: 'system' },
  preset: 'other',
  publicRole: { namespace: 'library' },
  privateRole: null,
  ...change,
})
