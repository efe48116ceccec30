import { canonicalHost } from '@shared/reference'

/** A URL from hostile text, resolved against `base` where there is one; null where it is none. */
export function parseUrl(text: string, base?: URL): URL | null {
  if (text.length > 8192) return null
  try {
    return new URL(text, base)
  } catch {
    return null
  }
}

/** Whether two URLs have the same scheme, host and port: the border that Authorization never crosses. */
export const isSameOrigin = (a: URL, b: URL): boolean => a.origin === b.origin

/** The host of a URL as errors name it: `docker.io` for the hub, with the port where it is not the default. */
export const hostOf = (url: URL): string => canonicalHost(url.host)
