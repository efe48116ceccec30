import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ArchiveListing } from '@shared/archive'
import type { ErrorInfo } from '@shared/error'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'

/** An archive of the composer: being read, listed, or refused. */
export interface OpenArchive {
  path: string
  listing: ArchiveListing | null
  error: ErrorInfo | null
}

/** The archives on disk that the composer shows, each once, in the order in which they came. */
export const useArchivesStore = defineStore('archives', () => {
  const archives = shallowRef<readonly OpenArchive[]>([])
  const reading = computed(() => archives.value.some(({ listing, error }) => !listing && !error))
  const has = (path: string): boolean => archives.value.some((one) => one.path === path)

  function put(archive: OpenArchive): void {
    archives.value = has(archive.path)
      ? archives.value.map((one) => (one.path === archive.path ? archive : one))
      : [...archives.value, archive]
  }

  /** Reads what an archive holds; a refusal stays with it. Null where it was refused, or closed meanwhile. */
  async function open(path: string): Promise<ArchiveListing | null> {
    const mine: OpenArchive = { path, listing: null, error: null }
    put(mine)
    const waits = (): boolean => archives.value.includes(mine)
    try {
      const listing = await call('archive:open', { path })
      if (!waits()) return null
      put({ path, listing, error: null })
      return listing
    } catch (thrown) {
      if (waits()) put({ path, listing: null, error: errorInfoOf(thrown) })
      return null
    }
  }

  function close(path: string): void {
    archives.value = archives.value.filter((one) => one.path !== path)
  }

  /** Shows the system's file picker; empty where it was closed. */
  const choose = (folder: boolean): Promise<string[]> => call('archive:choose', { folder })

  return { archives, reading, has, open, close, clear: () => void (archives.value = []), choose }
})
