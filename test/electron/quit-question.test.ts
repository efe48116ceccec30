import { expect, it } from 'vitest'
import { quitQuestion } from '../../electron/quit-question'

it('is not asked when nothing runs', () => {
  expect(quitQuestion(0, 'en', 'en-GB')).toBeNull()
})
it('is asked in the language of the window, else of the system', () => {
  expect(quitQuestion(1, 'en', 'zh-CN')?.message).toBe('A transfer is still running.')
  expect(quitQuestion(2, 'zh-CN', 'en')?.message).toContain('2 个传输')
  expect(quitQuestion(2, 'system', 'zh-TW')?.buttons[1]).toBe('退出')
  expect(quitQuestion(2, 'system', 'de')?.message).toBe('2 transfers are still running.')
})
