import { onScopeDispose, ref, type Ref } from 'vue'
import type { ThemeName } from '@/theme'

/** The theme that is shown, for what is painted and cannot follow the style sheet. */
export function useThemeName(): Readonly<Ref<ThemeName>> {
  const root = document.documentElement
  const read = (): ThemeName => (root.dataset['theme'] === 'dark' ? 'dark' : 'light')
  const name = ref(read())
  const observer = new MutationObserver(() => (name.value = read()))
  observer.observe(root, { attributeFilter: ['data-theme'] })
  onScopeDispose(() => observer.disconnect())
  return name
}
