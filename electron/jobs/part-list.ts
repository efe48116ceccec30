import type { Part, Phase, Progress } from '@shared/job'

/** The parts of a transfer without an engine, and the sums over them. Sizes in bytes. */
export class PartList {
  private readonly parts = new Map<string, Part>()
  private phase: Phase = 'preparing'

  constructor(private readonly report: (progress: Progress) => void) {}

  to(phase: Phase): void {
    this.phase = phase
    this.tell()
  }

  /** Adds a part, or changes the one of this id. */
  set(part: Part): void {
    this.parts.set(part.id, part)
    this.tell()
  }

  change(id: string, change: Partial<Omit<Part, 'id'>>): void {
    const part = this.parts.get(id)
    if (part) this.set({ ...part, ...change })
  }

  /** There was nothing to send: it counts as complete. */
  there(id: string, state: 'exists' | 'mounted'): void {
    const total = this.parts.get(id)?.total ?? 0
    this.change(id, { state, completed: total, total })
  }

  private tell(): void {
    const parts = [...this.parts.values()]
    const completed = parts.reduce((sum, part) => sum + part.completed, 0)
    const unknown = parts.length === 0 || parts.some(({ total }) => total === null)
    const total = unknown ? null : parts.reduce((sum, part) => sum + (part.total ?? 0), 0)
    this.report({ phase: this.phase, completed, total, parts })
  }
}
