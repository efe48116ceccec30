import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '@shared/error'
import { canonicalHost, dockerHub } from '@shared/reference'
import { hostOf, parseUrl } from './url'

/** Token services on another host that are known to belong to their registry. */
const knownPairs = new Map([
  [dockerHub, 'https://auth.docker.io'],
  ['registry.gitlab.com', 'https://gitlab.com'],
])

type Resolve = (host: string) => Promise<string[]>

const resolveHost: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

const plain = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase()

/** The realm as it is shown, confirmed and pinned: scheme, host, port and path. */
export const realmName = (realm: URL): string => `${realm.origin}${realm.pathname}`

function isSameRealm(confirmed: string, realm: URL): boolean {
  const url = parseUrl(confirmed)
  return url !== null && realmName(url) === realmName(realm)
}

type Reach = 'public' | 'private' | 'loopback' | 'link-local'

/** How far an address reaches: RFC 1918, 3927, 4193, 4291, 6598. */
export function reachOf(address: string): Reach {
  const text = plain(address)
  const mapped = /^::ffff:([0-9.]+)$/.exec(text)
  if (mapped) return reachOf(mapped[1] ?? '')
  if (isIP(text) === 4) {
    const [a = 0, b = 0] = text.split('.').map(Number)
    if (a === 127 || a === 0) return 'loopback'
    if (a === 169 && b === 254) return 'link-local'
    if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private'
    return a === 100 && b >= 64 && b < 128 ? 'private' : 'public'
  }
  if (text === '::1' || text === '::') return 'loopback'
  if (/^::ffff:/.test(text)) return 'private'
  if (/^fe[89ab]/.test(text)) return 'link-local'
  return /^f[cd]/.test(text) ? 'private' : 'public'
}

async function addressesOf(hostname: string, resolve: Resolve): Promise<string[]> {
  const name = plain(hostname)
  if (isIP(name)) return [name]
  // A name that only a proxy can resolve is the proxy's to judge.
  return resolve(name).catch(() => [])
}

/**
 * An address inside a network is fit for a registry that is inside as well: on this very address, or at least in the same
 * kind of network (never another link-local one: that is where clouds keep their machines' credentials).
 */
async function isWithinReach(realm: URL, registry: URL, resolve: Resolve): Promise<boolean> {
  const inner = (await addressesOf(realm.hostname, resolve)).filter((each) => reachOf(each) !== 'public')
  if (inner.length === 0) return true
  const own = await addressesOf(registry.hostname, resolve)
  return inner.every((address) => {
    if (own.includes(address)) return true
    const reach = reachOf(address)
    return reach !== 'link-local' && own.some((each) => reachOf(each) === reach)
  })
}

export interface RealmQuestion {
  /** The `realm` parameter of a challenge: hostile text. */
  realm: string
  registry: URL
  confirmed: readonly string[]
  /** Whether credentials would go there; a token for nobody may be asked of any proper realm. */
  withCredential: boolean
  resolve?: Resolve
}

/**
 * Decides whether a realm may be asked for a token, and answers its URL. Credentials go to the registry's own host name (on
 * any port), to a known pair, or to a realm that the user confirmed. REALM_REFUSED otherwise; where the user's word would
 * help, `context.reference` is the text to confirm, and without it nothing helps.
 */
export async function judgeRealm(question: RealmQuestion): Promise<URL> {
  const { registry, confirmed, withCredential } = question
  const context = { side: 'registry', host: hostOf(registry), field: 'realm' } as const
  const url = parseUrl(question.realm)
  const refuse = (why: string): AppError =>
    new AppError('REALM_REFUSED', context, {
      detail: url && !url.username ? `${realmName(url)}: ${why}` : why,
    })

  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw refuse('no http(s) URL')
  if (url.username !== '' || url.password !== '') throw refuse('a URL with a user')
  if (registry.protocol === 'https:' && url.protocol === 'http:')
    throw refuse('http, though the registry is https')
  url.hash = ''
  if (plain(url.hostname) === plain(registry.hostname)) return url
  if (knownPairs.get(canonicalHost(registry.host)) === url.origin) return url
  if (!(await isWithinReach(url, registry, question.resolve ?? resolveHost))) {
    throw refuse('an address inside a network that the registry is not on')
  }
  if (!withCredential || confirmed.some((each) => isSameRealm(each, url))) return url
  throw new AppError('REALM_REFUSED', { ...context, reference: realmName(url) }, { detail: realmName(url) })
}
