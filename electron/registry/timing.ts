/** Time-outs of the way to a registry, in milliseconds. */
export interface Timing {
  /** For name, TCP and TLS together. */
  connect: number
  /** From the last byte of the request to the head of the answer; catalogs on object stores are slow. */
  answer: number
  /** The same for the last step of an upload: the registry may hash or move many gigabytes first. */
  commit: number
  /** For what is under way to end cleanly when an upload is stopped. */
  ending: number
  /** Without any byte in either direction. */
  idle: number
  /** A body must bring `windowBytes` in each window, so that one byte a minute does not hold a place for ever. */
  window: number
  windowBytes: number
  /** First pause before another attempt; it doubles, with jitter. */
  backoff: number
  /** A pause that the registry asks for (429) is waited for up to this long; a longer one fails at once. */
  patience: number
}

export const defaultTiming: Timing = {
  connect: 15_000,
  answer: 60_000,
  commit: 300_000,
  ending: 3_000,
  idle: 30_000,
  window: 30_000,
  windowBytes: 8192,
  backoff: 300,
  patience: 20_000,
}
