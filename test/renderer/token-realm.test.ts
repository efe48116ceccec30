import { expect, it } from 'vitest'
import type { ErrorInfo } from '@shared/error'
import { realmOf } from '@/token-realm'

const refused = (reference?: string, code: ErrorInfo['code'] = 'REALM_REFUSED'): ErrorInfo => ({
  code,
  context: { host: 'registry.example', reference },
  detail: 'https://elsewhere.example/token: http, though the registry is https',
})

it('is the address that main asks to confirm', () => {
  expect(realmOf(refused('https://auth.example/token'))).toBe('https://auth.example/token')
})

it('is nothing where a confirmation would not help, or where the error is another one', () => {
  expect(realmOf(refused())).toBeNull()
  expect(realmOf(refused('registry.example/team/app:v1'))).toBeNull()
  expect(realmOf(refused('https://auth.example/token', 'DENIED'))).toBeNull()
  expect(realmOf(refused('https://'))).toBeNull()
})
