// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import NameField from '@/components/push/NameField.vue'

const suggestions = [
  { imageName: 'nginx', ownbase: false },
  { imageName: 'nginx', ownbase: true },
  { imageName: 'redis', ownbase: false },
]
const field = (modelValue = '') =>
  mount(NameField, { props: { modelValue, caption: 'Name', problem: null, listLabel: 'Names', suggestions } })

it('takes a suggestion by keyboard, with its base image switch', async () => {
  const name = field('ngi')
  const input = name.get('input')
  await input.trigger('keydown', { key: 'ArrowDown' })
  await input.trigger('keydown', { key: 'ArrowUp' })
  expect(input.attributes('aria-expanded')).toBe('true')
  await input.trigger('keydown', { key: 'Enter' })
  expect(name.emitted('choose')).toEqual([[{ imageName: 'nginx', ownbase: true }]])
  expect(input.attributes('aria-expanded')).toBe('false')
})

it('closes only its list with Escape', async () => {
  const name = field('n')
  const input = name.get('input')
  const escape = (): KeyboardEvent => new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
  let seen = 0
  name.element.addEventListener('keydown', () => (seen += 1))
  await input.trigger('keydown', { key: 'ArrowDown' })
  seen = 0
  input.element.dispatchEvent(escape())
  expect(seen).toBe(0)
  input.element.dispatchEvent(escape())
  expect(seen).toBe(1)
})

it('tells its problem to screen readers', async () => {
  const name = field('X')
  await name.setProps({ problem: 'Lower-case letters only.' })
  const input = name.get('input')
  expect(input.attributes('aria-invalid')).toBe('true')
  expect(name.get(`[id="${input.attributes('aria-describedby')}"]`).text()).toBe('Lower-case letters only.')
})
