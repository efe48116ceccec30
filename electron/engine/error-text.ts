import type { ErrorCode } from '@shared/error'

/**
 * What engines say and what it means, the first match counts. The words are those of moby, containerd, distribution's
 * client and containers/image (Podman); registries' own codes come through them as `code: message`.
 */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  // First, since an image's name may hold any of the words below: `No such image: web:denied`.
  [/no such image|image not known|does not exist locally|tag does not exist/i, 'IMAGE_NOT_FOUND'],
  [/no space left on device|disk quota exceeded/i, 'ENGINE_DISK_FULL'],

  [/toomanyrequests|too many requests|pull rate limit/i, 'TOOMANYREQUESTS'],
  [/pull access denied|requested access to the resource is denied|insufficient_scope/i, 'DENIED'],
  [/no basic auth credentials|incorrect username or password|invalid username\/password/i, 'UNAUTHORIZED'],
  [/\bunauthorized\b|authentication required|unable to retrieve auth token/i, 'UNAUTHORIZED'],
  [/\bdenied: |\bdenied$|authorization failed|403 forbidden/i, 'DENIED'],

  [/x509: |certificate signed by unknown authority|tls: failed to verify/i, 'ENGINE_UNTRUSTED_REGISTRY'],
  [/server gave HTTP response to HTTPS client/i, 'ENGINE_UNTRUSTED_REGISTRY'],
  [/first record does not look like a TLS handshake|remote error: tls/i, 'ENGINE_UNTRUSTED_REGISTRY'],

  [/no such host|name resolution|server misbehaving/i, 'HOST_UNKNOWN'],
  [/connection refused|i\/o timeout|no route to host|network is unreachable/i, 'ENGINE_UNREACHABLE_REGISTRY'],
  [/TLS handshake timeout|Client\.Timeout|context deadline exceeded/i, 'ENGINE_UNREACHABLE_REGISTRY'],
  [/connection reset by peer|broken pipe|\bEOF$|proxyconnect/i, 'ENGINE_UNREACHABLE_REGISTRY'],

  [/no matching manifest for|no image found in (manifest list|image index)/i, 'PLATFORM_MISSING'],
  [/does not match the specified platform|does not provide the specified platform/i, 'PLATFORM_MISSING'],

  [/is using its referenced image|image is being used|image is in use|image used by/i, 'IMAGE_IN_USE'],
  [/must be forced|must force|dependent child images/i, 'IMAGE_IN_USE'],

  [/manifest blob unknown|blob unknown to registry.*manifest/i, 'MANIFEST_BLOB_UNKNOWN'],
  [/manifest unknown|manifest for .* not found|reading manifest .* not found/i, 'MANIFEST_UNKNOWN'],
  [/manifest invalid/i, 'MANIFEST_INVALID'],
  [/blob upload invalid|HTTP 413|request entity too large/i, 'BLOB_UPLOAD_INVALID'],
  [/blob upload unknown/i, 'BLOB_UPLOAD_UNKNOWN'],
  [/blob unknown|unknown blob/i, 'BLOB_UNKNOWN'],
  [/digest invalid|provided digest did not match/i, 'DIGEST_INVALID'],
  [/size invalid|provided length did not match/i, 'SIZE_INVALID'],
  [/name invalid|invalid repository name/i, 'NAME_INVALID'],
  [/name unknown|repository name not known/i, 'NAME_UNKNOWN'],
  [/^unsupported: |the operation is unsupported/i, 'UNSUPPORTED'],
]

/** The code that an engine's words stand for, and the registry's HTTP status where they name one; null: not known. */
export function codeOfText(text: string): { code: ErrorCode | null; status: number | null } {
  const named =
    /(?:HTTP status(?: code)?:?|StatusCode:|error parsing HTTP|unexpected status(?: code)?:?)[^\d]{0,40}(\d{3})\b/i.exec(
      text,
    )?.[1]
  const status = named === undefined ? null : Number(named)
  const found = meanings.find(([pattern]) => pattern.test(text))
  if (found) return { code: found[1], status }
  return {
    code: codeOfRegistryStatus(status) ?? (/: not found$/i.test(text) ? 'MANIFEST_UNKNOWN' : null),
    status,
  }
}

function codeOfRegistryStatus(status: number | null): ErrorCode | null {
  if (status === null) return null
  if (status === 401) return 'UNAUTHORIZED'
  if (status === 403) return 'DENIED'
  if (status === 429) return 'TOOMANYREQUESTS'
  return status >= 500 ? 'REGISTRY_FAILED' : null
}
