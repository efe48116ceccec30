import { AppError } from '@shared/error'
import { hostOf, isSameOrigin, parseUrl } from './url'

/** Most hops that one request may take. */
export const maximumHops = 10

const keepsMethod = new Set([307, 308])
const redirects = new Set([301, 302, 303, 307, 308])

export interface Hop {
  method: string
  url: URL
  /** False where the border of scheme, host or port is crossed: Authorization stays behind. */
  trusted: boolean
}

export const isRedirect = (status: number, location: string | undefined): boolean =>
  redirects.has(status) && location !== undefined

/**
 * Where a redirect leads (RFC 9110, 15.4). REDIRECT_REFUSED for a downgrade to http, a URL with a user, another scheme
 * than http(s), and a write that would have to become another method; HTTP_EXPECTED_TLS where an http registry
 * sends its visitors to https.
 */
export function nextHop(from: { method: string; url: URL }, status: number, location: string): Hop {
  const refuse = (why: string): AppError =>
    new AppError('REDIRECT_REFUSED', { side: 'registry', host: hostOf(from.url) }, { detail: why })
  const url = parseUrl(location, from.url)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refuse('to no http(s) URL')
  if (url.username !== '' || url.password !== '') throw refuse('to a URL with a user')
  if (from.url.protocol === 'https:' && url.protocol === 'http:') throw refuse(`from https to ${url.origin}`)
  if (from.url.protocol === 'http:' && url.protocol === 'https:' && from.url.hostname === url.hostname) {
    throw new AppError(
      'HTTP_EXPECTED_TLS',
      { side: 'registry', host: hostOf(from.url) },
      { detail: `redirects to ${url.origin}` },
    )
  }
  const safe = from.method === 'GET' || from.method === 'HEAD'
  if (!safe && !keepsMethod.has(status)) throw refuse(`of ${from.method} by ${status}`)
  url.hash = ''
  return { method: from.method, url, trusted: isSameOrigin(from.url, url) }
}
