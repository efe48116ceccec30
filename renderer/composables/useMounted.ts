import { onMounted, ref, type Ref } from 'vue'

/**
 * False until the component is there. A drawer or a dialog that is fetched when it is first wanted would else be shown as
 * if it had always been open: it would not slide in, nor say that it has, and nothing would take the focus.
 */
export function useMounted(): Readonly<Ref<boolean>> {
  const mounted = ref(false)
  onMounted(() => (mounted.value = true))
  return mounted
}
