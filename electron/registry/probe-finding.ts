import type { ProbeFact, ProbeStep } from '@shared/registry'

/** What a step of the probe found; a step that fails throws. */
export type Finding = Pick<ProbeStep, 'state' | 'facts' | 'error'>

/** Found well; a plain text is a fact that reads the same in every language. */
export const fine = (...facts: (ProbeFact | string)[]): Finding => ({
  state: 'ok',
  facts: facts.map((fact) => (typeof fact === 'string' ? { kind: 'text', text: fact } : fact)),
  error: null,
})
export const skipped: Finding = { state: 'skipped', facts: [], error: null }
