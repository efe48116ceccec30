import { z } from 'zod'

/**
 * Every way in which something can fail that a user can meet. Codes of the distribution specification keep its
 * spelling; the rest are ours. Each code has a message and a hint in every language (renderer/i18n), and a
 * next step here: leaving one out does not compile.
 */
export const nextSteps = {
  // The registry's own codes: OCI distribution-spec 1.1, "Error Codes".
  BLOB_UNKNOWN: 'retry',
  BLOB_UPLOAD_INVALID: 'retry',
  BLOB_UPLOAD_UNKNOWN: 'retry',
  DIGEST_INVALID: 'retry',
  MANIFEST_BLOB_UNKNOWN: 'retry',
  MANIFEST_INVALID: 'none',
  MANIFEST_UNKNOWN: 'refresh',
  NAME_INVALID: 'none',
  NAME_UNKNOWN: 'refresh',
  SIZE_INVALID: 'retry',
  UNAUTHORIZED: 'sign-in',
  DENIED: 'sign-in',
  UNSUPPORTED: 'none',
  TOOMANYREQUESTS: 'retry',

  // The way to the registry.
  HOST_UNKNOWN: 'edit-registry',
  CONNECTION_REFUSED: 'retry',
  CONNECTION_LOST: 'retry',
  TIMED_OUT: 'retry',
  TLS_UNTRUSTED: 'trust-certificate',
  TLS_EXPIRED: 'edit-registry',
  TLS_NAME_MISMATCH: 'edit-registry',
  TLS_EXPECTED_HTTP: 'edit-registry',
  HTTP_EXPECTED_TLS: 'edit-registry',
  REALM_REFUSED: 'edit-registry',
  REDIRECT_REFUSED: 'none',
  PROXY_FAILED: 'retry',

  // What the registry answered.
  NOT_A_REGISTRY: 'edit-registry',
  REGISTRY_FAILED: 'retry',
  RESPONSE_INVALID: 'retry',
  RESPONSE_TOO_LARGE: 'none',
  DIGEST_MISMATCH: 'retry',
  SIZE_MISMATCH: 'retry',
  LISTING_UNSUPPORTED: 'add-repository',
  DELETE_DISABLED: 'none',
  SCHEMA1_UNSUPPORTED: 'none',

  // The engine.
  ENGINE_MISSING: 'open-settings',
  ENGINE_STOPPED: 'start-engine',
  ENGINE_DENIED: 'start-engine',
  ENGINE_LOST: 'retry',
  ENGINE_FAILED: 'retry',
  ENGINE_DISK_FULL: 'none',
  ENGINE_UNTRUSTED_REGISTRY: 'none',
  ENGINE_UNREACHABLE_REGISTRY: 'retry',
  ENGINE_INSECURE: 'open-settings',
  IMAGE_NOT_FOUND: 'refresh',
  IMAGE_IN_USE: 'none',
  PLATFORM_MISSING: 'none',

  // Pools and deployments.
  POOL_UNKNOWN: 'none',
  POOL_DUPLICATE: 'none',
  POOL_UNSUPPORTED: 'none',
  SSH_MISSING: 'none',
  SSH_HOST_UNKNOWN: 'none',
  SSH_HOST_CHANGED: 'none',
  SSH_DENIED: 'none',
  SSH_FAILED: 'retry',
  ENGINE_TLS_REFUSED: 'none',
  SWARM_NEEDED: 'none',
  DEPLOYMENT_UNKNOWN: 'refresh',
  DEPLOYMENT_CHANGED: 'refresh',
  DEPLOYMENT_INVALID: 'none',
  DESCRIPTION_INVALID: 'none',
  NAME_TAKEN: 'none',
  PORT_IN_USE: 'none',
  CONTAINER_EXITED: 'retry',
  NOT_HEALTHY: 'retry',
  NOT_REACHABLE: 'retry',
  RESOURCES_MISSING: 'none',
  SECRET_MISSING: 'none',
  TERMINAL_FAILED: 'retry',

  // Archives.
  ARCHIVE_CHANGED: 'retry',
  ARCHIVE_INVALID: 'none',
  ARCHIVE_UNSUPPORTED: 'none',
  ARCHIVE_UNREADABLE: 'retry',

  // Credentials.
  KEYCHAIN_UNAVAILABLE: 'session-only',
  KEYCHAIN_LOCKED: 'retry',
  CREDENTIAL_MISSING: 'sign-in',

  // Jobs.
  TAG_EXISTS: 'retry',
  TAG_CHANGED: 'retry',
  NOT_VERIFIED: 'retry',
  INTERRUPTED: 'retry',
  CANCELLED: 'none',

  // Input and the program itself.
  INPUT_INVALID: 'none',
  REGISTRY_UNKNOWN: 'none',
  REGISTRY_DUPLICATE: 'edit-registry',
  CERTIFICATE_INVALID: 'edit-registry',
  JOB_UNKNOWN: 'none',
  STORE_FAILED: 'retry',
  INTERNAL: 'retry',
} as const satisfies Record<string, NextStep>

export type NextStep =
  | 'none'
  | 'retry'
  | 'refresh'
  | 'sign-in'
  | 'edit-registry'
  | 'trust-certificate'
  | 'start-engine'
  | 'open-settings'
  | 'add-repository'
  | 'session-only'

export type ErrorCode = keyof typeof nextSteps

export const errorCodes = Object.keys(nextSteps) as [ErrorCode, ...ErrorCode[]]

/** What is told about an error besides its code: which side, registry and reference. Never a secret. */
export const ErrorContext = z.object({
  side: z.enum(['registry', 'engine', 'pool', 'archive', 'keychain', 'store', 'program']).optional(),
  registryId: z.string().optional(),
  host: z.string().optional(),
  reference: z.string().optional(),
  repository: z.string().optional(),
  tag: z.string().optional(),
  digest: z.string().optional(),
  account: z.string().optional(),
  field: z.string().optional(),
  /** An archive's own name, without its folder. */
  file: z.string().optional(),
  status: z.number().optional(),
  retryAfterSeconds: z.number().optional(),
  pool: z.string().optional(),
  deployment: z.string().optional(),
  exitCode: z.number().optional(),
  port: z.string().optional(),
})
export type ErrorContext = z.infer<typeof ErrorContext>

/** An error as it travels to the window: code, context, and the far side's own words for "details". */
export const ErrorInfo = z.object({
  code: z.enum(errorCodes),
  context: ErrorContext,
  /** The cause in the words of who reported it; hostile text, shown as plain text, at most 4,000 characters. */
  detail: z.string().max(4000).nullable(),
})
export type ErrorInfo = z.infer<typeof ErrorInfo>

/** The one error class. Mappers at the edges (registry, engine, keychain, store) make it from what they meet. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly context: ErrorContext
  readonly detail: string | null

  constructor(
    code: ErrorCode,
    context: ErrorContext = {},
    options: { detail?: string | null; cause?: unknown } = {},
  ) {
    super(`${code}${options.detail ? `: ${options.detail}` : ''}`, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.context = context
    this.detail = options.detail ?? (options.cause instanceof Error ? options.cause.message : null)
  }

  /** The same error with more context; what is already known stays. */
  with(context: ErrorContext): AppError {
    return new AppError(
      this.code,
      { ...context, ...this.context },
      { detail: this.detail, cause: this.cause ?? this },
    )
  }

  toInfo(): ErrorInfo {
    return { code: this.code, context: this.context, detail: this.detail?.slice(0, 4000) ?? null }
  }
}

/** Any thrown value as an AppError: unknown ones become INTERNAL and keep their words as detail. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return new AppError('INTERNAL', { side: 'program' }, { detail, cause: thrown })
}
