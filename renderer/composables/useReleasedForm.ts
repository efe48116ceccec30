import { onUnmounted } from 'vue'

/**
 * For a form with secrets. A checkbox of naive-ui that was pressed listens for the next selection of text on the page, and until
 * then would hold the form around it with all that was typed there: a selection is made up when the form is gone.
 */
export function useReleasedForm(): void {
  onUnmounted(() => void window.dispatchEvent(new Event('selectstart')))
}
