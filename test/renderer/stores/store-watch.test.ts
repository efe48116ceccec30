// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { effectScope, getCurrentInstance, nextTick, ref } from 'vue'
import { watchInStore } from '@/stores/store-watch'

it('tells each change once, after what belongs together has changed, until its scope ends', async () => {
  const number = ref(1)
  const changed = vi.fn()
  const scope = effectScope()
  scope.run(() => watchInStore(() => number.value, changed))
  number.value = 2
  number.value = 3
  await nextTick()
  expect(changed.mock.calls).toEqual([[3]])
  number.value = 4
  number.value = 3
  await nextTick()
  expect(changed).toHaveBeenCalledTimes(1)
  scope.stop()
  number.value = 5
  await nextTick()
  expect(changed).toHaveBeenCalledTimes(1)
})

it('goes on when the component is gone that was there at the beginning', async () => {
  const number = ref(1)
  const changed = vi.fn()
  const scope = effectScope(true)
  const wrapper = mount({
    setup() {
      expect(getCurrentInstance()).not.toBeNull()
      scope.run(() => watchInStore(() => number.value, changed))
      return () => null
    },
  })
  wrapper.unmount()
  number.value = 2
  await nextTick()
  expect(changed.mock.calls).toEqual([[2]])
  scope.stop()
})
