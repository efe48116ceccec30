import type { Job } from '@shared/job'

/** How jobs stood when they were hit, and what became of them: says whether an experiment hits anything. */
export class States {
  private readonly seen = new Map<string, number>()

  note(hit: Iterable<Job>, after: readonly Job[]): void {
    for (const { id, request, state } of hit) {
      const now = after.find((job) => job.id === id)
      const end = now?.error ? `${now.state} ${now.error.code}` : (now?.state ?? 'gone')
      const line = state === end ? `${request.kind} ${state}` : `${request.kind} ${state} -> ${end}`
      this.seen.set(line, (this.seen.get(line) ?? 0) + 1)
    }
  }

  /** Say `copy running -> succeeded 3, delete succeeded 2`. */
  read(): string {
    return [...this.seen]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([line, count]) => `${line}: ${count}`)
      .join(', ')
  }
}
