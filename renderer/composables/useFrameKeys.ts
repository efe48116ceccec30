import { onBeforeUnmount, onMounted } from 'vue'
import { useRouter } from 'vue-router'
import { sections } from '../router'
import { useAppStore } from '../stores/app'
import { pressRefresh } from './useRefreshKey'

/** The keys of the whole window: sections, back and forward, palette, settings, refresh. */
export function useFrameKeys(openPalette: () => void): void {
  const router = useRouter()
  const app = useAppStore()

  function actionOf(event: KeyboardEvent): (() => void) | null {
    if (event.key === 'F5') return pressRefresh
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      if (event.key === 'ArrowLeft') return () => router.back()
      if (event.key === 'ArrowRight') return () => router.forward()
      return null
    }
    const mod = app.info?.platform === 'darwin' ? event.metaKey : event.ctrlKey
    if (!mod || event.altKey || event.shiftKey) return null
    const section = sections[Number(event.key) - 1]
    if (section) return () => void router.push({ name: section })
    const keys: Record<string, () => void> = {
      '[': () => router.back(),
      ']': () => router.forward(),
      ',': () => void router.push({ name: 'settings' }),
      k: openPalette,
      r: pressRefresh,
    }
    return keys[event.key.toLowerCase()] ?? null
  }

  function onKey(event: KeyboardEvent): void {
    const action = actionOf(event)
    if (!action || event.defaultPrevented) return
    event.preventDefault()
    action()
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}
