import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** The inner width of an element in pixels, followed while it is shown. */
export function useElementWidth(element: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<number>> {
  const width = ref(0)
  let observer: ResizeObserver | undefined
  onMounted(() => {
    const shown = element.value
    if (!shown) return
    width.value = shown.clientWidth
    observer = new ResizeObserver(() => (width.value = shown.clientWidth))
    observer.observe(shown)
  })
  onBeforeUnmount(() => observer?.disconnect())
  return width
}
