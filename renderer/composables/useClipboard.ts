import { visibleText } from '@shared/visible-text'
import { call } from '../api'

/** Copies text through main, which alone may touch the clipboard: as it is shown, so that nothing hidden is pasted elsewhere. */
export function useClipboard() {
  return { copy: (text: string): Promise<void> => call('clipboard:write', { text: visibleText(text) }) }
}
