const deepest = 64
/** Lists and objects, and values in them: a long list of names stays far below, and 32 MB of `{},` would fill the memory. */
const most = { containers: 200_000, values: 1_000_000 } as const

/**
 * Why the bytes of a JSON text are no honest document, or null: more than 64 levels, 200,000 lists and objects or a million
 * values. Asked before parsing, which takes seconds and hundreds of megabytes for such a one.
 */
export function excessOf(bytes: Uint8Array): string | null {
  let depth = 0
  let containers = 0
  let values = 0
  let inText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (inText) {
      if (byte === 0x5c) at += 1
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) inText = true
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1
      containers += 1
      if (depth > deepest) return 'nested too deeply'
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
    else if (byte === 0x2c) values += 1
  }
  return containers > most.containers || values > most.values ? 'too many values' : null
}
