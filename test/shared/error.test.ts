import { expect, it } from 'vitest'
import { AppError, ErrorInfo, toAppError } from '@shared/error'

it('travels as code, context and bounded detail', () => {
  const info = new AppError('DENIED', { host: 'a.example' }, { detail: 'x'.repeat(10_000) }).toInfo()
  expect(ErrorInfo.parse(info)).toEqual({
    code: 'DENIED',
    context: { host: 'a.example' },
    detail: 'x'.repeat(4000),
  })
})

it('keeps what is known when context is added', () => {
  const error = new AppError('DENIED', { host: 'a' }).with({ host: 'b', tag: 'v1' })
  expect(error.context).toEqual({ host: 'a', tag: 'v1' })
})

it('turns anything thrown into an error with its words', () => {
  expect(toAppError(new TypeError('boom')).toInfo()).toMatchObject({ code: 'INTERNAL', detail: 'boom' })
  expect(toAppError('text').detail).toBe('text')
  const known = new AppError('DENIED')
  expect(toAppError(known)).toBe(known)
})
