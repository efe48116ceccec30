import { onScopeDispose } from 'vue'

/** Calls an action once things have been quiet for some milliseconds; what still waits goes with the component. */
export function useDebounced(action: () => void, milliseconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))
  return () => {
    clearTimeout(timer)
    timer = setTimeout(action, milliseconds)
  }
}
