import type { RepositoryKey } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import type { DetailQueue } from './detail-queue'
import { Recent } from './recent'

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

/** What is still to be read, or shown, of a repository must not be forgotten. */
const mayGo = ({ open, queue, changed, listChanged, recheckAll }: Visit): boolean =>
  !open && queue === null && changed.size === 0 && !listChanged && !recheckAll

/** The repositories that were looked at last, each made when it is first asked for. */
export class Visits {
  private readonly visits = new Recent<Visit>({
    make: (key) => {
      const [registryId = '', repository = ''] = key.split(' ')
      return {
        ...{ registryId, repository, open: false, focused: [], queue: null },
        ...{ failed: new Map(), changed: new Set(), listChanged: false, recheckAll: false },
      }
    },
    mayGo,
  })

  of(key: RepositoryKey): Visit {
    return this.visits.of(visitKey(key))
  }

  find(key: string): Visit | null {
    return this.visits.find(key)
  }

  forget(registryId: string): void {
    for (const key of this.visits.keys()) if (key.startsWith(`${registryId} `)) this.visits.delete(key)
  }
}
