/** Headers and small answers of a registry: challenges, links, redirects, realms, pauses, refusals, proxies. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { chooseChallenge, parseChallenges } from '../../../electron/registry/challenge'
import { refusalError } from '../../../electron/registry/error'
import { nextLink, nextPage } from '../../../electron/registry/link'
import { proxyFromEnvironment, proxyFromSystem } from '../../../electron/registry/proxy'
import { judgeRealm, reachOf } from '../../../electron/registry/realm'
import { nextHop } from '../../../electron/registry/redirect'
import { retryAfterSeconds } from '../../../electron/registry/retry'
import { mergeScopes, parseScopes } from '../../../electron/registry/scope'
import { later, leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bentText, long, soup } from './texts'

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,10}$/)
/** Text of a quoted string (RFC 9110, 5.6.4), quotes and all that may stand around a parameter included. */
const quotable = fc.string({
  unit: fc.constantFrom(...'ab,=;"\\ <>', 'realm=', 'rel=next', 'Bearer ', 'é', '\t'),
  maxLength: 8,
})
const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const space = fc.constantFrom('', ' ', '\t', '  ')

interface Written {
  text: string
  scheme: string
  parameters: Map<string, string>
}

const written: fc.Arbitrary<Written> = fc
  .tuple(
    token,
    fc.uniqueArray(fc.tuple(token, quotable, fc.boolean(), space, space), {
      maxLength: 4,
      selector: ([name]) => name.toLowerCase(),
    }),
  )
  .map(([scheme, parameters]) => ({
    scheme: scheme.toLowerCase(),
    text: `${scheme}${parameters.length > 0 ? ' ' : ''}${parameters
      .map(([name, value, bare, before, after]) => {
        const isToken = bare && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value)
        return `${name}${before}=${after}${isToken ? value : quote(value)}`
      })
      .join(', ')}`,
    parameters: new Map(parameters.map(([name, value]) => [name.toLowerCase(), value])),
  }))

const challengePieces = [
  'Bearer ',
  'Basic ',
  'realm=',
  '"',
  ',',
  '=',
  '\\',
  'https://a.b/t',
  'scope="x',
  ' ',
  'Negotiate YII==',
]
const linkPieces = [
  '<',
  '>',
  ';',
  'rel=',
  '"next"',
  'next',
  '"',
  ',',
  ' ',
  '\\',
  '/v2/_catalog?n=1',
  '//evil.example/',
  'title=',
]

const parameter = fc.tuple(fc.constantFrom('title', 'type', 'rel', 'REL', 'xrel'), quotable, fc.boolean())
const link = fc
  .tuple(fc.stringMatching(/^\/[a-z0-9?=&%]{0,10}$/), fc.array(parameter, { maxLength: 3 }), space)
  .map(([target, parameters, gap]) => ({
    target,
    // The first counts (RFC 8288, 3.3).
    relation: parameters.find(([name]) => name.toLowerCase() === 'rel')?.[1] ?? '',
    text: `<${target}>${parameters.map(([name, value]) => `${gap};${gap}${name}=${quote(value)}`).join('')}`,
  }))

const urls = fc.oneof(
  soup(
    'https://',
    'http://',
    'HTTPS:',
    '//',
    '/',
    'a.example',
    'a.example:443',
    ':80',
    '@',
    '\\',
    '..',
    'user:p',
    '#x',
    '?q',
    '[::1]',
    '%2f',
    'javascript:',
    'file:///',
    'data:',
  ),
  fc.webUrl(),
  anyText,
)
const own = fc.constantFrom(
  'https://a.example/v2/x',
  'http://a.example/v2/x',
  'https://a.example:8443/',
  'http://127.0.0.1:5000/v2/',
)

export const headers = (): Surface => ({
  name: 'headers',
  properties: [
    property('challenges are read back', fc.array(written, { minLength: 1, maxLength: 4 }), (all) => {
      const found = parseChallenges(all.map(({ text }) => text).join(', '))
      const meant = all.map(({ scheme, parameters }) => ({ scheme, parameters }))
      // A scheme alone before a parameter is that grammar's own riddle: `a, b=c` is one challenge or two.
      if (all.every(({ parameters }) => parameters.size > 0) && !isDeepStrictEqual(found, meant))
        taken(JSON.stringify(found.map(({ scheme, parameters }) => [scheme, [...parameters]])))
    }),
    property(
      'any challenge ends',
      fc.oneof(soup(...challengePieces), long(...challengePieces), anyText),
      (text) => {
        const found = parseChallenges(text)
        if (found.length > 16_384) leaked('more challenges than characters')
        const chosen = chooseChallenge(found)
        if (chosen && !['bearer', 'basic'].includes(chosen.scheme)) taken(chosen.scheme)
      },
    ),
    property('links are read back', fc.array(link, { minLength: 1, maxLength: 3 }), (all) => {
      const meant = all.find(({ relation }) => relation.toLowerCase().split(/\s+/).includes('next'))
      const found = nextLink(all.map(({ text }) => text).join(', '))
      if (found !== (meant?.target ?? null)) taken(`${found}`)
    }),
    property(
      'a next page is at home',
      fc.tuple(
        fc.oneof(
          soup(...linkPieces),
          long(...linkPieces),
          urls.map((url) => `<${url}>; rel="next"`),
        ),
        own,
      ),
      ([text, from]) => {
        const page = nextPage(text, new URL(from))
        if (page instanceof URL && (page.origin !== new URL(from).origin || page.username || page.hash))
          taken(page.href)
      },
    ),
    property(
      'a redirect keeps its borders',
      fc.tuple(
        own,
        urls,
        fc.constantFrom(301, 302, 303, 307, 308),
        fc.constantFrom('GET', 'HEAD', 'PUT', 'POST'),
      ),
      ([from, location, status, method]) => {
        const hop = outcome(() => nextHop({ method, url: new URL(from) }, status, location))
        if ('error' in hop) return
        const { url, trusted, method: then } = hop.value
        if (!/^https?:$/.test(url.protocol) || url.username || url.password) taken(url.href)
        if (from.startsWith('https:') && url.protocol === 'http:') taken('a downgrade')
        if (trusted !== (url.origin === new URL(from).origin)) taken('credentials go elsewhere')
        if (then !== method || (status < 307 && !['GET', 'HEAD'].includes(method))) taken('another method')
      },
    ),
    property(
      'credentials go to no strange realm',
      fc.tuple(
        own,
        urls,
        fc.array(urls, { maxLength: 2 }),
        fc.boolean(),
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 2 }),
      ),
      async ([registry, realm, confirmed, withCredential, addresses]) => {
        const asked = { realm, registry: new URL(registry), confirmed, withCredential }
        const judged = await later(() => judgeRealm({ ...asked, resolve: () => Promise.resolve(addresses) }))
        if ('error' in judged) {
          const { code, context } = judged.error
          if (code !== 'REALM_REFUSED') lost(code)
          if (context.reference && !/^https?:\/\//.test(context.reference)) taken(context.reference)
          return
        }
        const url = judged.value
        const isOwn = url.hostname === new URL(registry).hostname
        const plain = (text: string): string | null =>
          URL.canParse(text) ? new URL(text).origin + new URL(text).pathname : null
        const isConfirmed = confirmed.some((each) => plain(each) === url.origin + url.pathname)
        if (registry.startsWith('https:') && url.protocol !== 'https:') taken('a downgrade')
        if (url.username || url.password || !/^https?:$/.test(url.protocol)) taken(url.href)
        if (withCredential && !isOwn && !isConfirmed) taken(url.href)
      },
    ),
    property(
      'any address has a reach',
      fc.oneof(fc.ipV4(), fc.ipV6(), anyText),
      (text) => void reachOf(text),
    ),
    property(
      'a pause is between nothing and a day',
      fc.oneof(
        fc.integer().map(String),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        soup('1', '-', ' ', 'GMT', '9', '.'),
        anyText,
        long('1', ' '),
      ),
      (text) => {
        const seconds = retryAfterSeconds(text)
        if (seconds !== null && !(Number.isInteger(seconds) && seconds >= 0 && seconds <= 86_400))
          taken(`${seconds}`)
      },
    ),
    property(
      'scopes are merged once and for all',
      fc.oneof(soup('repository:', 'a/b', ':', 'pull', ',', 'push', ' ', '*'), anyText, long('a:b:c ', ':')),
      (text) => {
        const scopes = parseScopes(text)
        if (scopes.length > 20) leaked(`${scopes.length} scopes`)
        if (!isDeepStrictEqual(mergeScopes(scopes), scopes)) lost(JSON.stringify(scopes))
      },
    ),
    property(
      'a refusal is an error of ours',
      fc.tuple(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(
          anyText,
          anyJson.map((json) => JSON.stringify(json) ?? ''),
          anyJson.map((errors) => JSON.stringify({ errors: [errors] })),
          long('a', '"'),
        ),
        fc.constantFrom('', 'text/plain', 'text/html', 'application/json'),
      ),
      ([status, body, contentType]) => {
        const error = refusalError(
          { status, body, contentType, fromRegistry: false, retryAfterSeconds: null },
          {},
          'NAME_UNKNOWN',
        )
        if (error.code === 'INTERNAL') lost('INTERNAL')
        if ((error.detail?.length ?? 0) > 2000) leaked('a detail without end')
        if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(error.detail ?? '')) leaked('control characters')
      },
    ),
    property(
      'a proxy is http(s) or none',
      fc.tuple(
        fc.oneof(
          soup('PROXY ', 'HTTPS ', 'DIRECT', ';', ' ', 'a:8080', 'SOCKS ', '[::1]:1', '@', 'file://'),
          anyText,
          long('PROXY ', ';'),
        ),
        fc.oneof(soup('*', 'a.example', '.', '127.0.0.1', '/', '24', ',', ':443', '[::1]'), anyText),
        own,
      ),
      async ([answer, except, at]) => {
        const url = new URL(at)
        const system = proxyFromSystem({}, () => Promise.resolve(answer))
        await system.prepare?.(url)
        const environment = { HTTPS_PROXY: answer, HTTP_PROXY: answer, NO_PROXY: except }
        for (const proxy of [system(url), proxyFromEnvironment(environment)(url)]) {
          if (proxy && !/^https?:$/.test(proxy.protocol)) taken(proxy.href)
          if (proxy && url.hostname === '127.0.0.1') taken('this machine is asked through a proxy')
        }
      },
    ),
    property(
      'one place of a header changed',
      fc.tuple(bentText(written.map(({ text }) => text)), bentText(link.map(({ text }) => text))),
      ([challenge, links]) => {
        parseChallenges(challenge)
        nextLink(links)
      },
    ),
  ],
})
