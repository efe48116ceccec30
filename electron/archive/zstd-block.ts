/**
 * What a compressed block of zstd unpacks to, found out before it is unpacked: the library believes a block's lengths, and a dozen
 * bytes can ask for half an hour of copying.
 */
import { brokenZstd, readTable, type StateTable, tableOf, tableOfOne } from './zstd-table'

const repeat = (value: number, times: number): number[] => Array.from({ length: times }, () => value)

interface Code {
  /** Bits that follow a code, by code. */
  extra: readonly number[]
  /** The least value of a code. */
  base: readonly number[]
  standard: StateTable
  accuracy: number
}

/** A code's values follow the one before without a gap. */
function codeOf(extra: readonly number[], first: number, standard: StateTable, accuracy: number): Code {
  let base = first
  const bases = extra.map((bits) => {
    base += 2 ** bits
    return base - 2 ** bits
  })
  return { extra, base: bases, standard, accuracy }
}

// RFC 8878, 3.1.1.3.2.1.1 and 3.1.1.3.2.2.
const literalLengths = codeOf(
  [...repeat(0, 16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  0,
  tableOf([4, 3, ...repeat(2, 11), 1, 1, 1, ...repeat(2, 9), 3, 2, ...repeat(1, 5), ...repeat(-1, 4)], 6),
  9,
)
const matchLengths = codeOf(
  [...repeat(0, 32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  3,
  tableOf([1, 4, 3, ...repeat(2, 6), ...repeat(1, 37), ...repeat(-1, 7)], 6),
  9,
)
const offsets = codeOf(
  Array.from({ length: 32 }, (_none, bits) => bits),
  1,
  tableOf([...repeat(1, 6), 2, 2, 2, ...repeat(1, 15), ...repeat(-1, 5)], 5),
  8,
)

/** Bits from the end of a block to its beginning; ARCHIVE_INVALID beyond it. */
class BackwardBits {
  constructor(
    private readonly data: Buffer,
    /** The bit at which they end. */
    private readonly start: number,
    private at: number,
  ) {}

  /** At most 16 bits. */
  read(bits: number): number {
    this.skip(bits)
    const from = this.at >> 3
    const { data } = this
    const word = (data[from] ?? 0) | ((data[from + 1] ?? 0) << 8) | ((data[from + 2] ?? 0) << 16)
    return (word >> (this.at & 7)) & ((1 << bits) - 1)
  }

  skip(bits: number): void {
    this.at -= bits
    if (this.at < this.start) throw brokenZstd()
  }

  get empty(): boolean {
    return this.at === this.start
  }
}

/** Looks through the compressed blocks of one frame, in their order: a block may use the tables of the one before. */
export class ZstdBlocks {
  private tables: [StateTable, StateTable, StateTable] | null = null

  /** `largest`: bytes that a block of this frame may unpack to. */
  constructor(private readonly largest: number) {}

  /** ARCHIVE_INVALID for a block that is broken, or unpacks to more than it may. */
  check(block: Buffer): void {
    const literals = literalsOf(block)
    let at = literals.end
    const first = block[at] ?? 0
    const [second = 0, third = 0] = block.subarray(at + 1, at + 3)
    const count =
      first < 128 ? first : first < 255 ? ((first - 128) << 8) | second : 0x7f00 + second + (third << 8)
    at += first < 128 ? 1 : first < 255 ? 2 : 3
    if (at > block.length || literals.size > this.largest) throw brokenZstd()
    if (count === 0) return
    const modes = block[at] ?? 0
    at += 1
    const choose = (code: Code, index: 0 | 1 | 2): StateTable => {
      const mode = (modes >> (6 - 2 * index)) & 3
      if (mode === 0) return code.standard
      if (mode === 3) {
        const before = this.tables?.[index]
        if (!before) throw brokenZstd()
        return before
      }
      if (mode === 1) {
        const symbol = block[at] ?? 255
        at += 1
        if (symbol >= code.extra.length) throw brokenZstd()
        return tableOfOne(symbol)
      }
      const { table, end } = readTable(block, at, { accuracy: code.accuracy, symbol: code.extra.length - 1 })
      at = end
      return table
    }
    this.tables = [choose(literalLengths, 0), choose(offsets, 1), choose(matchLengths, 2)]
    const last = block[block.length - 1] ?? 0
    if (at >= block.length || last === 0) throw brokenZstd()
    const bits = new BackwardBits(block, at * 8, block.length * 8 - 8 + (31 - Math.clz32(last)))
    this.walk(bits, this.tables, count, literals.size)
  }

  private walk(
    bits: BackwardBits,
    [literal, offset, match]: [StateTable, StateTable, StateTable],
    count: number,
    literals: number,
  ): void {
    let [literalState, offsetState, matchState] = [literal, offset, match].map(({ accuracy }) =>
      bits.read(accuracy),
    ) as [number, number, number]
    let taken = 0
    let size = literals
    for (let left = count; left > 0; left -= 1) {
      const literalCode = literal.symbols[literalState] ?? 0
      const matchCode = match.symbols[matchState] ?? 0
      bits.skip(offset.symbols[offsetState] ?? 0)
      size += (matchLengths.base[matchCode] ?? 0) + bits.read(matchLengths.extra[matchCode] ?? 0)
      taken += (literalLengths.base[literalCode] ?? 0) + bits.read(literalLengths.extra[literalCode] ?? 0)
      if (size > this.largest || taken > literals) throw brokenZstd()
      if (left === 1) break
      literalState = (literal.next[literalState] ?? 0) + bits.read(literal.bits[literalState] ?? 0)
      matchState = (match.next[matchState] ?? 0) + bits.read(match.bits[matchState] ?? 0)
      offsetState = (offset.next[offsetState] ?? 0) + bits.read(offset.bits[offsetState] ?? 0)
    }
    if (!bits.empty) throw brokenZstd()
  }
}

/** How many literals a block has, and where their section ends (RFC 8878, 3.1.1.3.1.1). */
function literalsOf(block: Buffer): { size: number; end: number } {
  const first = block[0] ?? 0
  const format = (first >> 2) & 3
  const field = (bytes: number): number => {
    if (block.length < bytes) throw brokenZstd()
    return block.readUIntLE(0, bytes)
  }
  if ((first & 3) < 2) {
    const bytes = format === 1 ? 2 : format === 3 ? 3 : 1
    const size = field(bytes) >>> (bytes === 1 ? 3 : 4)
    return { size, end: bytes + ((first & 3) === 1 ? 1 : size) }
  }
  const [bytes, bits] = format < 2 ? [3, 10] : format === 2 ? [4, 14] : [5, 18]
  const sizes = Math.floor(field(bytes) / 16)
  const size = sizes % 2 ** bits
  return { size, end: bytes + Math.floor(sizes / 2 ** bits) }
}
