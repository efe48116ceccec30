/** A structured log, one JSON object a line. Fields whose name speaks of a secret are never written. */

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

export type LogLevel = keyof Log

const secretName = /pass(word|phrase)?|secret|token|authorization|credential|cookie|identity|x-registry-auth/i
/**
 * `Bearer abc`, `Basic abc`, URLs with a user (a password may have an @ of its own), and what is base64 of a JSON object: signed
 * tokens, and the header with which an engine is told an account; wherever they stand in a text.
 */
const secretText =
  /\b(bearer|basic)(?:\s+|%20)[A-Za-z0-9+/=._~%-]+|(:\/\/)[^/\s]*@|eyJ[\w+/=-]{16,}(?:\.[\w-]+)*/gi

/** A value without secrets: by the field's name, and inside texts. Depth and length are bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    // Before it is cut: half a secret is not known any more.
    return value.replace(secretText, redacted).slice(0, 4000)
  }
  if (value instanceof Error) return redact({ name: value.name, message: value.message }, depth)
  if (Array.isArray(value))
    return depth > 4 ? '[...]' : value.slice(0, 50).map((item) => redact(item, depth + 1))
  if (typeof value === 'object' && value !== null) {
    if (depth > 4) return '{...}'
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        secretName.test(name) ? '[redacted]' : redact(item, depth + 1),
      ]),
    )
  }
  return value
}

function redacted(_all: string, scheme?: string, address?: string): string {
  if (scheme) return `${scheme} [redacted]`
  return address ? `${address}[redacted]@` : '[redacted]'
}

/** A log that hands each finished line (without line feed) to `write`. */
export function createLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}): void =>
      write(
        JSON.stringify({
          time: now().toISOString(),
          level,
          message: redact(message),
          ...(redact(fields) as object),
        }),
      )
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
