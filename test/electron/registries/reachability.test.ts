import { expect, it } from 'vitest'
import { AppError, type ErrorCode } from '@shared/error'
import { reachabilityOf } from '../../../electron/registries/reachability'

it('tells a registry that is away from one that answers, and from our own troubles', () => {
  const of = (code: ErrorCode): string | null => reachabilityOf({ ok: false, error: new AppError(code) })
  expect(reachabilityOf({ ok: true })).toBe('online')
  expect(of('CONNECTION_REFUSED')).toBe('offline')
  expect(of('TLS_UNTRUSTED')).toBe('offline')
  expect(of('UNAUTHORIZED')).toBe('sign-in-needed')
  expect(of('CREDENTIAL_MISSING')).toBe('sign-in-needed')
  expect(of('MANIFEST_UNKNOWN')).toBe('online')
  expect(of('DENIED')).toBe('online')
  expect(of('CANCELLED')).toBeNull()
  const engine = new AppError('UNAUTHORIZED', { side: 'engine' })
  expect(reachabilityOf({ ok: false, error: engine })).toBeNull()
})
