import { ref, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** A text that lives in the address (`?q=…`), so that Back brings it back; '' is left out of the address. */
export function useQueryText(name: string, initial = ''): Ref<string> {
  const route = useRoute()
  const router = useRouter()
  const path = route.path
  const read = (): string => {
    const value = route.query[name]
    return typeof value === 'string' ? value : initial
  }
  const text = ref(read())
  watch(text, (next) => {
    if (route.path !== path || next === read()) return
    const { [name]: _old, ...others } = route.query
    void router.replace({ query: next === initial ? others : { ...others, [name]: next } })
  })
  watch(
    () => route.query[name],
    () => {
      if (route.path === path) text.value = read()
    },
  )
  return text
}
