import { call } from '../api'

/** Opens an http or https page in the system's browser; main refuses anything else. */
export function useExternalLink() {
  return { open: (url: string): Promise<void> => call('app:open-external', { url }) }
}
