import type { Bridge } from '@shared/contract'

declare global {
  interface Window {
    /** What the preload exposes. Only api.ts uses it. */
    readonly slipway: Bridge
  }
}
