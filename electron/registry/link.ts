import { isSameOrigin, parseUrl } from './url'

const linkPattern = /<([^<>]*)>((?:\s*;\s*[^\s;,=]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)/g
const parameterPattern = /;\s*([^\s;,=]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/g

/** The words of a link's first `rel` (the others do not count), in lower case. A quoted value of another one may look like it. */
function relationsOf(parameters: string): string[] {
  for (const [, name, quoted, bare] of parameters.matchAll(parameterPattern)) {
    if (name?.toLowerCase() !== 'rel') continue
    return (quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '').toLowerCase().split(/\s+/)
  }
  return []
}

/** The target of the first link with `rel=next` (RFC 8288, section 3), as it stands there; null without one. */
export function nextLink(header: string | undefined): string | null {
  for (const [, target, parameters] of (header ?? '').slice(0, 16_384).matchAll(linkPattern)) {
    if (relationsOf(parameters ?? '').includes('next')) return target ?? null
  }
  return null
}

/** The URL of the next page: `none` without a link, `bad` where it leads to another scheme, host or port. */
export function nextPage(header: string | undefined, page: URL): URL | 'none' | 'bad' {
  const target = nextLink(header)
  if (target === null) return 'none'
  const url = parseUrl(target, page)
  if (url === null || url.username !== '' || url.password !== '' || !isSameOrigin(url, page)) return 'bad'
  url.hash = ''
  return url
}
