const slices = 16
const sliceBytes = 512
const total = slices * sliceBytes
/** Bits a byte. Random bytes come to 7.98 in a sample of this size. */
const fullEntropy = 7.94

const counts = new Uint32Array(256)
/** n * log2(n), by n. */
const weights = Float64Array.from({ length: total + 1 }, (_, count) =>
  count < 2 ? 0 : count * Math.log2(count),
)

/** Bits of information a byte, by how often each value stands in slices from all over the block. */
function entropyOf(block: Buffer): number {
  counts.fill(0)
  const step = Math.floor((block.length - sliceBytes) / (slices - 1))
  for (let start = 0, slice = 0; slice < slices; slice += 1, start += step) {
    // Both indexes are in bounds; a check of each would take longer than all the rest.
    for (let at = start; at < start + sliceBytes; at += 1) (counts[block[at] as number] as number) += 1
  }
  let sum = 0
  for (let value = 0; value < 256; value += 1) sum += weights[counts[value] as number] as number
  return Math.log2(total) - sum / total
}

const pieceBytes = 16 * 1024
const hashBits = 13
const seen = new Int32Array(1 << hashBits)

/** Share of places in a piece from the middle whose next four bytes stood there before, as a compressor would find them. */
function repetitionOf(block: Buffer): number {
  seen.fill(-1)
  const start = (block.length - pieceBytes) >> 1
  const wordAt = (at: number): number =>
    (block[at] as number) |
    ((block[at + 1] as number) << 8) |
    ((block[at + 2] as number) << 16) |
    ((block[at + 3] as number) << 24)
  let found = 0
  for (let at = start; at < start + pieceBytes - 4; at += 1) {
    const word = wordAt(at)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const before = seen[slot] as number
    if (before >= 0 && wordAt(before) === word) found += 1
    seen[slot] = at
  }
  return found / pieceBytes
}

/** Above it some of a block may be dense; text and programs lie below. */
const mixedEntropy = 6.5

/** Bytes of the segments that a mixed block is looked at by. */
const segmentBytes = 128 * 1024

export interface Segment {
  bytes: Buffer
  /** It would not shrink. */
  dense: boolean
}

/**
 * The block in order, cut where what would shrink and what would not meet: files that are compressed already stand beside
 * others in most layers. The same block is always cut the same way.
 */
export function segmentsOf(block: Buffer): Segment[] {
  const entropy = block.length < segmentBytes * 2 ? 0 : entropyOf(block)
  if (entropy <= mixedEntropy) return [{ bytes: block, dense: isDense(block) }]
  const runs: { from: number; to: number; dense: boolean }[] = []
  for (let from = 0; from < block.length; from += segmentBytes) {
    const to = Math.min(from + segmentBytes, block.length)
    const dense = isDense(block.subarray(from, to))
    const last = runs.at(-1)
    if (last?.dense === dense) last.to = to
    else runs.push({ from, to, dense })
  }
  return runs.map(({ from, to, dense }) => ({ bytes: block.subarray(from, to), dense }))
}

/**
 * Whether a block would not shrink, as what is compressed already (packages, pictures) does not: zlib takes longer for such
 * than for anything else. Looks at samples; the same block always has the same answer. Half compressible is not dense.
 */
function isDense(block: Buffer): boolean {
  if (block.length < pieceBytes * 4) return false
  return entropyOf(block) > fullEntropy && repetitionOf(block) < 0.01
}
