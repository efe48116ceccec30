import type { Descriptor } from '@shared/oci'
import type { Part, Progress } from '@shared/job'

/** Bytes of one blob that are worth telling: pieces come by the thousand a second. */
const step = 512 * 1024

/** How far the blobs of a copy are; what is there already or was mounted counts as complete. */
export class CopyProgress {
  private readonly parts = new Map<string, Part>()

  constructor(private readonly onProgress: (progress: Progress) => void) {}

  /** Adds blobs; `exists` where their manifest is at the target already. */
  add(blobs: Iterable<Descriptor>, state: 'waiting' | 'exists'): void {
    for (const { digest, size } of blobs) {
      const completed = state === 'exists' ? size : 0
      if (!this.parts.has(digest))
        this.parts.set(digest, { id: shortOf(digest), state, completed, total: size })
    }
    this.report()
  }

  set({ digest, size }: Descriptor, state: Part['state'], bytes?: number): void {
    const before = this.parts.get(digest)
    if (bytes !== undefined && before?.state === state) {
      const more = bytes - before.completed
      if (more >= 0 && more < step) return
    }
    const complete = state === 'exists' || state === 'mounted' || state === 'done'
    const completed = complete ? size : (bytes ?? before?.completed ?? 0)
    this.parts.set(digest, { id: shortOf(digest), state, completed, total: size })
    this.report()
  }

  report(): void {
    const parts = [...this.parts.values()]
    const sum = (amount: (part: Part) => number): number => parts.reduce((all, part) => all + amount(part), 0)
    const completed = sum((part) => part.completed)
    this.onProgress({ phase: 'copying', completed, total: sum((part) => part.total ?? 0), parts })
  }
}

/** As docker shortens IDs. */
const shortOf = (digest: string): string => digest.replace(/^sha\d+:/, '').slice(0, 12)
