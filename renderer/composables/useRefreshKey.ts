import { onBeforeUnmount, onMounted } from 'vue'

const listeners: (() => void)[] = []

/** While the component is shown, F5 and Ctrl/Cmd+R do this; the newest on screen wins. */
export function useRefreshKey(refresh: () => void): void {
  onMounted(() => listeners.push(refresh))
  onBeforeUnmount(() => listeners.splice(listeners.indexOf(refresh), 1))
}

/** What the frame's key handler calls. */
export const pressRefresh = (): void => listeners.at(-1)?.()
