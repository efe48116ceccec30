import { isIP } from 'node:net'

/** An address as an engine tells it, null where it is none: it becomes part of a link, and `evil.example/` would lead elsewhere. */
export const ipAddress = (text: string | null | undefined): string | null =>
  text && isIP(text) ? text : null
