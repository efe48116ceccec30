import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '@shared/error'
import { plainText, type Refusal, refusalError } from '../../../electron/registry/error'

const refuse = (more: Partial<Refusal>): ReturnType<typeof refusalError> =>
  refusalError(
    {
      status: 400,
      contentType: 'application/json',
      fromRegistry: true,
      body: '',
      retryAfterSeconds: null,
      ...more,
    },
    { repository: 'a' },
    'MANIFEST_UNKNOWN',
  )
const body = (code: string, message = 'm'): string => JSON.stringify({ errors: [{ code, message }] })

describe('refusalError', () => {
  it.each<[number, string, ErrorCode]>([
    [404, body('NAME_UNKNOWN'), 'NAME_UNKNOWN'],
    [404, body('MANIFEST_UNKNOWN'), 'MANIFEST_UNKNOWN'],
    [404, '', 'MANIFEST_UNKNOWN'],
    [404, body('SOMETHING_ELSE'), 'MANIFEST_UNKNOWN'],
    [400, body('MANIFEST_BLOB_UNKNOWN'), 'MANIFEST_BLOB_UNKNOWN'],
    [401, body('DENIED'), 'UNAUTHORIZED'],
    [403, body('UNAUTHORIZED'), 'DENIED'],
    [405, '', 'UNSUPPORTED'],
    [413, '<html>too large</html>', 'SIZE_INVALID'],
    [429, '', 'TOOMANYREQUESTS'],
    [500, body('NAME_UNKNOWN'), 'REGISTRY_FAILED'],
    [418, '', 'REGISTRY_FAILED'],
    [302, '', 'RESPONSE_INVALID'],
    [404, '{"errors":{}}', 'MANIFEST_UNKNOWN'],
    [404, 'null', 'MANIFEST_UNKNOWN'],
    [404, '{"errors":[{"code":"__proto__"}]}', 'MANIFEST_UNKNOWN'],
  ])('reads %i %s as %s', (status, text, code) => {
    expect(refuse({ status, body: text }).code).toBe(code)
    expect(refuse({ status, body: text }).context).toMatchObject({
      side: 'registry',
      repository: 'a',
      status,
    })
  })

  it('tells TLS that was expected, and a page that is no registry', () => {
    const text = { contentType: 'text/plain', fromRegistry: false }
    expect(refuse({ ...text, body: 'Client sent an HTTP request to an HTTPS server.\n' }).code).toBe(
      'HTTP_EXPECTED_TLS',
    )
    const page = { contentType: 'text/html', fromRegistry: false }
    expect(refuse({ ...page, body: '<p>The plain HTTP request was sent to HTTPS port</p>' }).code).toBe(
      'HTTP_EXPECTED_TLS',
    )
    expect(refuse({ ...page, status: 404, body: '<h1>Not Found</h1>' }).code).toBe('NOT_A_REGISTRY')
    expect(refuse({ ...page, status: 404, fromRegistry: true }).code).toBe('MANIFEST_UNKNOWN')
  })

  it("keeps the registry's own words, cleaned and bounded", () => {
    const hostile = `a\u0000b\u202ec\n${'x'.repeat(10_000)}`
    const error = refuse({ status: 404, body: body('NAME_UNKNOWN', hostile) })
    expect(error.detail).toMatch(/^NAME_UNKNOWN: a b c x/)
    expect(error.detail?.length).toBeLessThanOrEqual(2000)
    expect(plainText('\u001b[31mred')).toBe('[31mred')
  })
})
