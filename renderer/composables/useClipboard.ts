import { call } from '../api'

/** Copies text through main, which is the only one that may touch the clipboard. */
export function useClipboard() {
  return { copy: (text: string): Promise<void> => call('clipboard:write', { text }) }
}
