/**
 * Image references: `host[:port]/path[:tag][@digest]`. Grammar: distribution/reference and OCI distribution-spec
 * 1.1. The only place that knows Docker Hub's aliases.
 */

export interface Reference {
  /** Host with port where one is given, e.g. `docker.io`, `127.0.0.1:5000`. */
  host: string
  /** Repository without the host, e.g. `library/nginx`. */
  repository: string
  tag: string | null
  digest: string | null
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const componentPattern = new RegExp(`^${component}$`)
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const digestPattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`)

/** Docker Hub's canonical name in references; its API answers at `registry-1.docker.io`. */
export const dockerHub = 'docker.io'
const dockerHubAliases = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
])

export const isRepository = (text: string): boolean => text.length <= 255 && repositoryPattern.test(text)
export const isPathComponent = (text: string): boolean => text.length <= 255 && componentPattern.test(text)
export const isTag = (text: string): boolean => tagPattern.test(text)
export const isDigest = (text: string): boolean => digestPattern.test(text)
export function isHost(text: string): boolean {
  if (text.length > 255 || !hostPattern.test(text)) return false
  const port = /:([0-9]+)$/.exec(text.replace(/^\[[^\]]*\]/, 'x'))
  return !port || (Number(port[1]) >= 1 && Number(port[1]) <= 65535)
}

/** A host as references write it: every alias of Docker Hub becomes `docker.io`; letters in lower case. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase()
  return dockerHubAliases.has(lower) ? dockerHub : lower
}

/** The host that answers `/v2/` for a registry: Docker Hub's API has another name than its references. */
export function apiHost(host: string): string {
  return canonicalHost(host) === dockerHub ? 'registry-1.docker.io' : host.toLowerCase()
}

function looksLikeHost(first: string): boolean {
  return first === 'localhost' || first.includes('.') || first.includes(':')
}

/**
 * A registry's host for references to it. Docker takes a lone word before the slash for an owner at Docker Hub, and would send
 * image and password there: such a host has its port written out.
 */
export function referenceHost({ host, protocol }: { host: string; protocol: 'https' | 'http' }): string {
  const canonical = canonicalHost(host)
  if (looksLikeHost(canonical)) return canonical
  return `${canonical}:${protocol === 'https' ? 443 : 80}`
}

/**
 * Parses a reference as docker does: without a host it is Docker Hub's, with one component `library/` is added.
 * Returns null where the text is no reference, and for 64 hex digits alone, which are an image ID.
 */
export function parseReference(text: string): Reference | null {
  if (text.length > 1000 || /^[a-f0-9]{64}$/.test(text)) return null
  let rest = text
  let digest: string | null = null
  const at = rest.indexOf('@')
  if (at >= 0) {
    digest = rest.slice(at + 1)
    rest = rest.slice(0, at)
    if (!isDigest(digest)) return null
  }
  let tag: string | null = null
  const colon = rest.lastIndexOf(':')
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1)
    rest = rest.slice(0, colon)
    if (!isTag(tag)) return null
  }
  let host = dockerHub
  const slash = rest.indexOf('/')
  if (slash > 0 && looksLikeHost(rest.slice(0, slash))) {
    host = rest.slice(0, slash)
    rest = rest.slice(slash + 1)
    if (!isHost(host)) return null
  }
  host = canonicalHost(host)
  if (host === dockerHub && rest !== '' && !rest.includes('/')) rest = `library/${rest}`
  if (!isRepository(rest)) return null
  return { host, repository: rest, tag, digest }
}

/** Writes a reference in full: host, repository, then tag and digest where there are any. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag ? `:${reference.tag}` : ''
  const digest = reference.digest ? `@${reference.digest}` : ''
  return `${reference.host}/${reference.repository}${tag}${digest}`
}

/** The reference for a tag or a digest of a repository. */
export function referenceOf(host: string, repository: string, tagOrDigest: string): Reference {
  const digest = isDigest(tagOrDigest)
  return {
    host: canonicalHost(host),
    repository,
    tag: digest ? null : tagOrDigest,
    digest: digest ? tagOrDigest : null,
  }
}

/** The command that pulls a tag or a digest; always exactly one line. */
export function pullCommand(host: string, repository: string, tagOrDigest: string): string {
  return `docker pull ${formatReference(referenceOf(host, repository, tagOrDigest))}`
}

/** `sha256:41ad9967ea44...` as `41ad9967ea44`, the way docker shortens ids. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':')
  return digest.slice(colon + 1, colon + 13)
}
