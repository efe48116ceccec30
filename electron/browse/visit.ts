import type { RepositoryKey } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import type { DetailQueue } from './detail-queue'

/** What is remembered of a repository while the program runs. */
export interface Visit extends RepositoryKey {
  /** Whether the window shows it. */
  open: boolean
  /** The tags on screen. */
  focused: readonly string[]
  /** Why a tag's details could not be read. */
  failed: Map<string, ErrorInfo>
  /** The details that a running refresh still has to read. */
  queue: DetailQueue | null
  /** Tags that we changed ourselves and that were not read since. */
  changed: Set<string>
  /** We changed its tags ourselves, and its list was not read since. */
  listChanged: boolean
  /** The next reading of details asks for every tag anew. */
  recheckAll: boolean
}

export const visitKey = ({ registryId, repository }: RepositoryKey): string => `${registryId} ${repository}`

/** The repositories that were looked at, each made when it is first asked for. */
export class Visits {
  private readonly visits = new Map<string, Visit>()

  of({ registryId, repository }: RepositoryKey): Visit {
    const key = visitKey({ registryId, repository })
    let visit = this.visits.get(key)
    if (!visit) {
      visit = {
        registryId,
        repository,
        open: false,
        focused: [],
        failed: new Map(),
        queue: null,
        changed: new Set(),
        listChanged: false,
        recheckAll: false,
      }
      this.visits.set(key, visit)
    }
    return visit
  }

  find(key: string): Visit | null {
    return this.visits.get(key) ?? null
  }

  forget(registryId: string): void {
    for (const [key, visit] of this.visits) if (visit.registryId === registryId) this.visits.delete(key)
  }
}
