import { z } from 'zod'

const text = z.string().nullish().catch(null)
/** Bytes; sums of them stay numbers. */
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER).nullish().catch(null)

/**
 * One message of a push or a pull, as Docker (`jsonmessage.JSONMessage`) and Podman send it. What is missing or of another
 * type reads as null: an engine may add and change fields.
 */
const Message = z.object({
  status: text,
  id: text,
  progressDetail: z.object({ current: count, total: count }).nullish().catch(null),
  // An error of another shape is still an error.
  error: z.string().nullish().catch(''),
  errorDetail: z.object({ message: text }).nullish().catch({}),
  aux: z.object({ Digest: text }).nullish().catch(null),
})
export type Message = z.infer<typeof Message>

/** Reads any JSON object as a message. */
export const readMessage = (value: unknown): Message => Message.parse(value)

/** The failure that a message reports in-band, in the engine's words; null for none. An empty error is an error. */
export function failureOf(message: Message): string | null {
  const { error, errorDetail } = message
  const told = (field: unknown): boolean => field !== null && field !== undefined
  if (!told(error) && !told(errorDetail)) return null
  return errorDetail?.message || error || 'The engine reported an error without words.'
}

/** The digest that a push ends with: Docker's `aux`, or the status line `v1: digest: sha256:... size: 754`. */
export function pushedDigest(message: Message): string | null {
  if (message.aux?.Digest) return message.aux.Digest
  return /^\S+: digest: (sha(?:256|512):[a-f0-9]+) size: \d+$/.exec(message.status ?? '')?.[1] ?? null
}

/** The digest that a pull names: `Digest: sha256:...`. */
export function pulledDigest(message: Message): string | null {
  return /^Digest: (sha(?:256|512):[a-f0-9]+)$/.exec(message.status ?? '')?.[1] ?? null
}

/** One line for people: `9cba10bacbaa: Pull complete`; null for a message without words. Control characters are gone. */
export function lineOf(message: Message): string | null {
  const failure = failureOf(message)
  if (failure !== null) return clean(failure)
  if (!message.status) return null
  return clean(message.id ? `${message.id}: ${message.status}` : message.status)
}

const clean = (line: string): string => line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 2000)
