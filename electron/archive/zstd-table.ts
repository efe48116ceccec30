/** Tables of zstd's entropy code (RFC 8878, 4.1): as they are written in a block, and the standard ones. */
import { invalid } from './error'

export interface StateTable {
  /** Bits of a state. */
  accuracy: number
  /** By state: the symbol, the bits to read for the next state, and what they are added to. */
  symbols: Uint8Array
  bits: Uint8Array
  next: Uint16Array
}

export const brokenZstd = (): Error => invalid('broken (zstd)')

const highestBit = (value: number): number => 31 - Math.clz32(value)

/** One symbol for every state, which takes no bits. */
export const tableOfOne = (symbol: number): StateTable => ({
  accuracy: 0,
  symbols: Uint8Array.of(symbol),
  bits: new Uint8Array(1),
  next: new Uint16Array(1),
})

/** The table for shares of 2^accuracy by symbol; -1: less than one. ARCHIVE_INVALID where they do not come out even. */
export function tableOf(shares: readonly number[], accuracy: number): StateTable {
  const size = 1 << accuracy
  const table: StateTable = {
    accuracy,
    symbols: new Uint8Array(size),
    bits: new Uint8Array(size),
    next: new Uint16Array(size),
  }
  const states = shares.map((share) => Math.abs(share))
  let high = size
  for (const [symbol, share] of shares.entries()) if (share === -1) table.symbols[(high -= 1)] = symbol
  const step = (size >> 1) + (size >> 3) + 3
  let place = 0
  for (const [symbol, share] of shares.entries()) {
    for (let count = 0; count < share; count += 1) {
      table.symbols[place] = symbol
      do place = (place + step) & (size - 1)
      while (place >= high)
    }
  }
  if (place !== 0) throw brokenZstd()
  for (let state = 0; state < size; state += 1) {
    const symbol = table.symbols[state] ?? 0
    const now = states[symbol] ?? 1
    states[symbol] = now + 1
    const bits = accuracy - highestBit(now)
    table.bits[state] = bits
    table.next[state] = (now << bits) - size
  }
  return table
}

/** Reads a table that begins at byte `at` (RFC 8878, 4.1.1), and answers where it ends. */
export function readTable(
  data: Buffer,
  at: number,
  most: { accuracy: number; symbol: number },
): { table: StateTable; end: number } {
  let bit = at * 8
  const read = (bits: number): number => {
    const from = bit >> 3
    if (bit + bits > data.length * 8) throw brokenZstd()
    const word = (data[from] ?? 0) | ((data[from + 1] ?? 0) << 8) | ((data[from + 2] ?? 0) << 16)
    bit += bits
    return (word >> ((bit - bits) & 7)) & ((1 << bits) - 1)
  }
  const accuracy = read(4) + 5
  if (accuracy > most.accuracy) throw brokenZstd()
  const shares: number[] = []
  for (let left = 1 << accuracy; left > 0;) {
    // Small values take one bit less, so that no value is left unused.
    const bits = highestBit(left + 1)
    const small = (1 << (bits + 1)) - 1 - (left + 1)
    let value = read(bits)
    if (value >= small) {
      value |= read(1) << bits
      if (value >= 1 << bits) value -= small
    }
    const share = value - 1
    left -= Math.abs(share)
    shares.push(share)
    for (let more = share === 0 ? 3 : 0; more === 3;) {
      more = read(2)
      for (let zeros = 0; zeros < more; zeros += 1) shares.push(0)
    }
    if (left < 0 || shares.length > most.symbol + 1) throw brokenZstd()
  }
  return { table: tableOf(shares, accuracy), end: (bit + 7) >> 3 }
}
