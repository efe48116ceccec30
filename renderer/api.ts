/** The only user of the bridge. Stores and composables call main through here; views and components never do. */
import type { Bridge, CallInput, CallName, CallOutput, EventName, EventPayload } from '@shared/contract'
import { isReactive, isRef, toRaw } from 'vue'
import { CallError } from './call-error'

export { CallError } from './call-error'

declare global {
  interface Window {
    /** What the preload exposes. */
    readonly slipway: Bridge
  }
}

/** Vue's proxies cannot be cloned across the bridge; what is sent is plain data. */
function plain(value: unknown): unknown {
  const raw: unknown = isRef(value) ? value.value : isReactive(value) ? toRaw(value) : value
  if (Array.isArray(raw)) return raw.map(plain)
  if (raw !== null && typeof raw === 'object') {
    return Object.fromEntries(Object.entries(raw).map(([key, item]) => [key, plain(item)]))
  }
  return raw
}

/** Asks main; throws a CallError with main's ErrorInfo when it answers with one. */
export async function call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> {
  const result = await window.slipway.invoke(name, plain(input))
  if (!result.ok) throw new CallError(result.error)
  // Main parsed the output with the schema that this type comes from.
  return result.value as CallOutput<K>
}

/** Listens to an event of main; answers the function that ends it. */
export function on<K extends EventName>(name: K, listener: (payload: EventPayload<K>) => void): () => void {
  return window.slipway.on(name, (payload) => listener(payload as EventPayload<K>))
}

/** The path of a file that was dropped or pasted; '' where it has none. */
export function pathOf(file: File): string {
  // Before Electron 29 a file that went across the bridge has lost its path; here it has it.
  const own: unknown = (file as { path?: unknown }).path
  return window.slipway.pathOf(file) || (typeof own === 'string' ? own : '')
}
