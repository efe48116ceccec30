import type { ProbeStep } from '@shared/registry'

/** What a step of the probe found; a step that fails throws. */
export type Finding = Pick<ProbeStep, 'state' | 'fact' | 'error'>

export const fine = (fact: string | null): Finding => ({ state: 'ok', fact, error: null })
export const skipped: Finding = { state: 'skipped', fact: null, error: null }
