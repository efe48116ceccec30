import { readFile, stat } from 'node:fs/promises'
import { AppError } from '@shared/error'

interface Filter {
  name: string
  extensions: string[]
}

interface OpenOptions {
  properties: ('openFile' | 'openDirectory' | 'multiSelections' | 'showHiddenFiles')[]
  filters?: Filter[]
}

export interface DialogParts {
  /** The system's own dialogs; nothing is chosen where they were closed. */
  open: (options: OpenOptions) => Promise<{ filePaths: string[] }>
  save: (options: { defaultPath: string }) => Promise<{ filePath?: string }>
}

/** A description is a page or two; what is bigger is none. Bytes. */
const mostText = 2_000_000

/** What the user chooses in the system's own dialogs; null, or nothing, when they were closed. */
export function createDialogs({ open, save }: DialogParts) {
  const first = async (options: OpenOptions): Promise<string | null> =>
    (await open(options)).filePaths[0] ?? null
  return {
    /** A certificate's text. */
    async choosePem(): Promise<string | null> {
      const filters = [{ name: 'PEM', extensions: ['pem', 'crt', 'cer'] }]
      const file = await first({ properties: ['openFile'], filters })
      return file ? readFile(file, 'utf8') : null
    },
    async chooseArchives(folder: boolean): Promise<string[]> {
      const filters = [
        { name: 'tar', extensions: ['tar', 'tgz', 'gz', 'tzst', 'zst', 'oci'] },
        { name: '*', extensions: ['*'] },
      ]
      const chosen = await open(
        folder ? { properties: ['openDirectory'] } : { properties: ['openFile', 'multiSelections'], filters },
      )
      return chosen.filePaths
    },
    /** The keys of docker's client and of ssh are in hidden folders. */
    choosePath: (folder: boolean): Promise<string | null> =>
      first({ properties: [folder ? 'openDirectory' : 'openFile', 'showHiddenFiles'] }),
    /** A description's text. */
    async openText(): Promise<string | null> {
      const filters = [
        { name: 'YAML', extensions: ['yaml', 'yml'] },
        { name: '*', extensions: ['*'] },
      ]
      const file = await first({ properties: ['openFile'], filters })
      if (file === null) return null
      if ((await stat(file)).size > mostText) {
        const detail = 'The file is too big for a description.'
        throw new AppError('DESCRIPTION_INVALID', { side: 'program' }, { detail })
      }
      return readFile(file, 'utf8')
    },
    async chooseSave(name: string): Promise<string | null> {
      return (await save({ defaultPath: name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-') })).filePath || null
    },
  }
}
