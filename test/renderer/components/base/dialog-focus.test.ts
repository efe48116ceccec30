// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest'
import { focusUnlessTyping } from '@/components/base/dialog-focus'

beforeEach(() => {
  document.body.innerHTML =
    '<input id="page" /><div class="n-modal"><input id="field" /><button id="cancel">Cancel</button></div>'
})
const at = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
const focusedFrom = (id: string | null): string => {
  if (id) at(id).focus()
  focusUnlessTyping({ $el: at('cancel') })
  return document.activeElement?.id ?? ''
}

it('gives the keyboard to the button', () => {
  expect(focusedFrom(null)).toBe('cancel')
})

it('takes it from a field behind the dialog', () => {
  expect(focusedFrom('page')).toBe('cancel')
})

it('leaves it in a field of the dialog', () => {
  expect(focusedFrom('field')).toBe('field')
})
