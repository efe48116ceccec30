import { vi } from 'vitest'

/** As `vi.waitFor`, whose second is too short where everything else runs as well: how fast it is says the bench. */
export const waitFor: typeof vi.waitFor = (callback, options) =>
  vi.waitFor(callback, typeof options === 'number' ? options : { timeout: 15_000, ...options })

/** As `vi.waitUntil`, with the same patience. */
export const waitUntil: typeof vi.waitUntil = (callback, options) =>
  vi.waitUntil(callback, typeof options === 'number' ? options : { timeout: 15_000, ...options })
