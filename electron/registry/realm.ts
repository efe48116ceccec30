import { AppError } from '@shared/error'
import { canonicalHost, dockerHub } from '@shared/reference'
import { addressesOf, plain, reachOf, type Resolve, resolveHost } from './reach'
import { hostOf, parseUrl } from './url'

export { reachOf }

/** Token services on another host that are known to belong to their registry. */
const knownPairs = new Map([
  [dockerHub, 'https://auth.docker.io'],
  ['registry.gitlab.com', 'https://gitlab.com'],
])

/** The realm as it is shown, confirmed and pinned: scheme, host, port and path. */
export const realmName = (realm: URL): string => `${realm.origin}${realm.pathname}`

function isSameRealm(confirmed: string, realm: URL): boolean {
  const url = parseUrl(confirmed)
  return url !== null && realmName(url) === realmName(realm)
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
