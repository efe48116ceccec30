import type { Handlers } from '@shared/contract'
import type { ArchivePlanRequest, TransferPlan } from '@shared/plan'
import type { ArchiveShelf } from '../jobs/archive-shelf'

export interface ArchiveParts {
  shelf: Pick<ArchiveShelf, 'list'>
  planArchive: (request: ArchivePlanRequest) => Promise<TransferPlan>
  /** Shows a file picker for archives, or for a folder; the chosen paths, none when it was closed. */
  chooseArchives: (folder: boolean) => Promise<string[]>
}

/** Calls on archives on disk. */
export function archiveHandlers({
  shelf,
  planArchive,
  chooseArchives,
}: ArchiveParts): Pick<Handlers, Extract<keyof Handlers, `archive:${string}`>> {
  return {
    'archive:open': ({ path }) => shelf.list(path),
    'archive:choose': ({ folder }) => chooseArchives(folder),
    'archive:plan': (request) => planArchive(request),
  }
}
