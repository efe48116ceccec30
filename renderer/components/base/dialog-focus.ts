/**
 * Gives the keyboard to a button once its dialog is all there, unless its user was quicker and is in one of the dialog's fields
 * already: what is typed next must not go to the button.
 */
export function focusUnlessTyping(button: { $el: HTMLElement } | null): void {
  const dialog = button?.$el.closest('.n-modal')
  const active = document.activeElement
  if (active?.matches('input, textarea') && dialog?.contains(active)) return
  button?.$el.focus()
}
