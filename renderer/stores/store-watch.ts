import { effect, nextTick } from 'vue'

/**
 * Vue's watch, for a store. Vue's own holds the component that is being set up in that moment: for a store that is whoever
 * used it first, with all that was typed there, for as long as the store lives. `source` answers a plain value.
 */
export function watchInStore<T>(source: () => T, changed: (now: T) => void): void {
  let before: T
  let waiting = false
  const look = effect(source, {
    scheduler() {
      if (waiting) return
      waiting = true
      void nextTick(() => {
        waiting = false
        const now = look()
        if (Object.is(now, before)) return
        before = now
        changed(now)
      })
    },
  })
  before = look()
}
