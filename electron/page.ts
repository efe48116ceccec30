/**
 * Our own page: the custom protocol `slipway://app/`, which serves the built renderer's files and nothing else, each with a
 * strict content security policy. Free of Electron, so that what it refuses is tested in plain Node.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

export const scheme = 'slipway'
export const pageOrigin = `${scheme}://app`

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Naive UI writes its styles as style elements at run time; they carry a nonce, so inline styles stay forbidden. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "worker-src 'none'",
  ].join('; ')
}

/** Whether an address is our page. */
export function isOwnPage(url: string): boolean {
  try {
    const parsed = new URL(url)
    return parsed.protocol === `${scheme}:` && parsed.host === 'app'
  } catch {
    return false
  }
}

/** The file that an address names below `folder`, or null where it names anything else. */
export function fileOf(folder: string, url: string): string | null {
  if (!isOwnPage(url)) return null
  let path: string
  try {
    path = decodeURIComponent(new URL(url).pathname)
  } catch {
    return null
  }
  if (path.includes('\0') || path.includes('\\')) return null
  const root = normalize(folder)
  const file = normalize(join(root, path === '/' ? 'index.html' : path))
  return file.startsWith(root + sep) && types[extname(file)] ? file : null
}

/** What every answer says of itself, whether a file is there or not. */
function headersOf(type: string, nonce: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy(nonce),
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

/** Answers a request for our page: a file of `folder`, or 404. */
export async function servePage(folder: string, request: { url: string; method: string }): Promise<Response> {
  const file = request.method === 'GET' ? fileOf(folder, request.url) : null
  const bytes = file ? await readFile(file).catch(() => null) : null
  const nonce = randomBytes(18).toString('base64')
  if (!file || !bytes) {
    return new Response('not found', { status: 404, headers: headersOf('text/plain; charset=utf-8', nonce) })
  }
  const html = extname(file) === '.html'
  const body = html ? Buffer.from(bytes.toString('utf8').replace('%STYLE_NONCE%', nonce)) : bytes
  return new Response(body, {
    headers: {
      ...headersOf(types[extname(file)] ?? 'application/octet-stream', nonce),
      etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
    },
  })
}

/**
 * An address that may be opened in the system's browser, or null: http and https only, without user information, and no
 * longer than a system takes on a command line. What is answered is the address as it was understood, not as it was written.
 */
export function externalUrl(text: string): string | null {
  if (text.length > 4096) return null
  try {
    const url = new URL(text)
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
    if (url.username || url.password || url.href.length > 4096) return null
    return url.href
  } catch {
    return null
  }
}
