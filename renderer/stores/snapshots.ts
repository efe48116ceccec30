import type { ErrorInfo } from '@shared/error'
import { shallowReactive } from 'vue'
import { errorInfoOf } from '../call-error'

export interface Entry<S> {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly snapshot: S | null
  /** Why the call itself failed; what went wrong behind a snapshot is in the snapshot. */
  readonly error: ErrorInfo | null
}

/** How many snapshots of one noun stay in the window; main's cache answers the rest quickly. */
const kept = 40

/**
 * The last snapshot of each key. A snapshot that is older than the one shown is dropped; so is an event for what was never
 * opened. The least recently opened go first.
 */
export class Snapshots<S extends { revision: number }> {
  private readonly entries = shallowReactive(new Map<string, Entry<S>>())
  private readonly recent = new Set<string>()

  get(key: string): Entry<S> | null {
    return this.entries.get(key) ?? null
  }

  /** Every snapshot that is held, for suggestions and for the palette. */
  all(): S[] {
    return [...this.entries.values()].flatMap((entry) => entry.snapshot ?? [])
  }

  take(key: string, snapshot: S): void {
    const entry = this.entries.get(key)
    if (!entry || (entry.snapshot && entry.snapshot.revision > snapshot.revision)) return
    this.entries.set(key, { status: 'ready', snapshot, error: null })
  }

  /** Asks for a snapshot; what is there stays shown meanwhile. Never throws: the entry tells the error. */
  async read(key: string, ask: () => Promise<S>): Promise<void> {
    this.touch(key)
    const before = this.entries.get(key)
    if (!before?.snapshot) this.entries.set(key, { status: 'loading', snapshot: null, error: null })
    try {
      this.take(key, await ask())
    } catch (thrown) {
      const now = this.entries.get(key)
      if (now) this.entries.set(key, { ...now, status: 'failed', error: errorInfoOf(thrown) })
    }
  }

  private touch(key: string): void {
    this.recent.delete(key)
    this.recent.add(key)
    for (const oldest of this.recent) {
      if (this.recent.size <= kept) return
      this.recent.delete(oldest)
      this.entries.delete(oldest)
    }
  }
}

export type Refresh = 'auto' | 'force' | 'never'
