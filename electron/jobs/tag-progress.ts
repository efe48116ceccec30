import type { Part, Phase, Progress } from '@shared/job'

/** Parts that are told; of more tags only those that are in work or have failed. */
const mostParts = 200

/** How far a job on many tags is: every tag counts as one, and is a part of its own. */
export class TagProgress {
  private readonly parts = new Map<string, Part>()
  private completed = 0
  private phase: Phase = 'preparing'

  constructor(
    tags: readonly string[],
    private readonly report: (progress: Progress) => void,
  ) {
    for (const tag of tags) this.parts.set(tag, { id: tag, state: 'waiting', completed: 0, total: 1 })
    this.tell()
  }

  to(phase: Phase): void {
    this.phase = phase
    this.tell()
  }

  /** `exists` says here that there was nothing to do: the tag was gone before. */
  set(tags: readonly string[], state: 'active' | 'done' | 'failed' | 'exists'): void {
    const isOver = state === 'done' || state === 'exists'
    for (const tag of tags) {
      if (isOver) this.completed += 1
      this.parts.set(tag, { id: tag, state, completed: isOver ? 1 : 0, total: 1 })
    }
    this.tell()
  }

  private tell(): void {
    const all = [...this.parts.values()]
    const told = all.length <= mostParts ? all : all.filter(isTelling).slice(0, mostParts)
    this.report({ phase: this.phase, completed: this.completed, total: all.length, parts: told })
  }
}

const isTelling = ({ state }: Part): boolean => state === 'active' || state === 'failed'
