import { useArchivesStore } from '@/stores/archives'
import { useComposerStore } from '@/stores/composer'
import { pathsIn } from './dropped-things'
import { useAsync } from './useAsync'

/** Brings archives into the composer: `choose` shows the system's picker, `type` takes a written path. */
export function useArchiveChoice() {
  const archives = useArchivesStore()
  const composer = useComposerStore()
  const { run, running, error } = useAsync((folder: boolean) => archives.choose(folder))

  async function choose(folder: boolean): Promise<void> {
    const paths = await run(folder)
    if (paths && paths.length > 0) void composer.openArchives(paths)
  }

  /** Whether the text was the whole path of something. */
  function type(text: string): boolean {
    const paths = pathsIn(text)
    if (paths.length > 0) void composer.openArchives(paths)
    return paths.length > 0
  }

  return { choose, type, running, error }
}
