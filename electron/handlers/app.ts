import type { AppInfo, Handlers } from '@shared/contract'
import { AppError } from '@shared/error'
import { externalUrl } from '../page'

export interface AppParts {
  info: () => Promise<AppInfo>
  openExternal: (url: string) => Promise<void>
  writeClipboard: (text: string) => void
}

/** Calls on the program itself: what it is, the system's browser, the clipboard. */
export function appHandlers(
  parts: AppParts,
): Pick<Handlers, 'app:info' | 'app:open-external' | 'clipboard:write'> {
  return {
    'app:info': () => parts.info(),
    'app:open-external': async ({ url }) => {
      const external = externalUrl(url)
      if (!external) throw new AppError('INPUT_INVALID', { side: 'program', field: 'url' })
      await parts.openExternal(external)
      return undefined
    },
    'clipboard:write': ({ text }) => {
      parts.writeClipboard(text)
      return undefined
    },
  }
}
