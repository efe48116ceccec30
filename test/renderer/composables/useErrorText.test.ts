// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { errorCodes, type ErrorInfo } from '@shared/error'
import { useErrorText } from '@/composables/useErrorText'
import { createMessages } from '@/i18n'

/** The composable as a component would have it. */
function textIn(language: 'en' | 'zh-CN'): ReturnType<typeof useErrorText> {
  let text: ReturnType<typeof useErrorText> | undefined
  const setup = (): (() => null) => {
    text = useErrorText()
    return () => null
  }
  mount({ setup }, { global: { plugins: [createMessages(language)] } })
  if (!text) throw new Error('not set up')
  return text
}
const english = textIn('en')
const chinese = textIn('zh-CN')
const error = (code: ErrorInfo['code'], context: ErrorInfo['context'] = {}): ErrorInfo => ({
  code,
  context,
  detail: null,
})

describe.each(errorCodes)('%s', (code) => {
  it('reads well without any context', () => {
    for (const text of [english, chinese]) {
      for (const words of [text.message(error(code)), text.hint(error(code))]) {
        expect(words).toMatch(/[.。]$/)
        expect(words).not.toMatch(/[{}]|undefined|error\.| {2}|\bthe the\b/)
      }
    }
    expect(english.message(error(code))).toMatch(/^[A-Z]/)
    expect(chinese.message(error(code))).not.toMatch(/\p{Script=Han}\s+\p{Script=Han}/u)
  })
})

it('names what the context tells', () => {
  const told = error('NAME_UNKNOWN', { host: 'registry.example:5000', repository: 'team/app' })
  expect(english.message(told)).toContain('registry.example:5000')
  expect(english.message(told)).toContain('team/app')
  expect(chinese.message(told)).toContain('team/app')
})

it('says when to try again', () => {
  expect(english.hint(error('TOOMANYREQUESTS', { retryAfterSeconds: 29.2 }))).toContain('30 seconds')
  expect(english.hint(error('TOOMANYREQUESTS'))).toContain('a moment')
})

it('asks to sign in where nobody was, and speaks of the password where somebody was', () => {
  expect(english.message(error('UNAUTHORIZED', { host: 'r.example' }))).toBe(
    'You need to be signed in to r.example for this.',
  )
  expect(english.message(error('UNAUTHORIZED', { host: 'r.example', account: 'ann' }))).toContain('ann')
})

it('does not advise to confirm a token service that cannot be confirmed', () => {
  expect(english.hint(error('REALM_REFUSED', { reference: 'https://auth.example/token' }))).toContain(
    'confirm',
  )
  expect(english.hint(error('REALM_REFUSED'))).not.toContain('confirm')
})

it('shows characters that would turn the text around in what the far side said', () => {
  const hostile = error('NAME_UNKNOWN', { repository: `evil\u202egnp.exe\n${'x'.repeat(500)}` })
  expect(english.message(hostile)).toContain('evil\ufffdgnp.exe x')
  expect(english.message(hostile)).not.toMatch(/[\u202e\n]/)
  expect(english.message(hostile).length).toBeLessThan(300)
})
