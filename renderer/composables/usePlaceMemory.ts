import { nextTick, onBeforeUnmount, onMounted, watch, type Ref } from 'vue'
import { useRoute } from 'vue-router'

const places = new Map<string, number>()

interface HistoryState {
  position?: number
}

/**
 * Remembers how far a list was scrolled at this entry of the history, and goes back there when Back or Forward shows the
 * same entry again, as soon as there is something to scroll.
 */
export function usePlaceMemory(
  name: string,
  element: Readonly<Ref<HTMLElement | null>>,
  length: () => number,
): void {
  const state = window.history.state as HistoryState | null
  const key = `${state?.position ?? 0} ${useRoute()?.path ?? ''} ${name}`
  let waiting = places.has(key)

  const restore = async (): Promise<void> => {
    if (!waiting || length() === 0) return
    waiting = false
    await nextTick()
    element.value?.scrollTo({ top: places.get(key) ?? 0 })
  }
  onMounted(restore)
  watch(length, restore, { flush: 'post' })
  onBeforeUnmount(() => {
    if (element.value && !waiting) places.set(key, element.value.scrollTop)
  })
}
