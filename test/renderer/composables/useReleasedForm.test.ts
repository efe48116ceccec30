// @vitest-environment happy-dom
import { NCheckbox } from 'naive-ui'
import { createApp, defineComponent, h } from 'vue'
import { describe, expect, it } from 'vitest'
import { useReleasedForm } from '@/composables/useReleasedForm'

describe('a form that is gone', () => {
  it('is not held by a checkbox that was pressed in it', () => {
    const place = document.createElement('div')
    document.body.append(place)
    const app = createApp(
      defineComponent(() => {
        useReleasedForm()
        return () => h(NCheckbox)
      }),
    )
    app.mount(place)
    place.querySelector('[role=checkbox]')?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }))
    app.unmount()
    // Whoever still listens would keep the next selection from being made.
    const selection = new Event('selectstart', { cancelable: true })
    window.dispatchEvent(selection)
    expect(selection.defaultPrevented).toBe(false)
    place.remove()
  })
})
