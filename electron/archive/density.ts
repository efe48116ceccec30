const slices = 16
const sliceBytes = 1024
/** Bits a byte. Random bytes come to 7.99 in a sample of this size. */
const fullEntropy = 7.94

/** Bits of information a byte, by how often each value stands in slices from all over the block. */
function entropyOf(block: Buffer): number {
  const counts = new Uint32Array(256)
  const step = Math.floor((block.length - sliceBytes) / (slices - 1))
  for (let slice = 0; slice < slices; slice += 1) {
    for (let at = slice * step; at < slice * step + sliceBytes; at += 1) {
      const value = block[at] ?? 0
      counts[value] = (counts[value] ?? 0) + 1
    }
  }
  const total = slices * sliceBytes
  let bits = 0
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / total)
  return bits / total
}

const pieceBytes = 16 * 1024
const hashBits = 13

/** Share of places in a piece from the middle whose next four bytes stood there before, as a compressor would find them. */
function repetitionOf(block: Buffer): number {
  const seen = new Int32Array(1 << hashBits).fill(-1)
  const start = (block.length - pieceBytes) >> 1
  let found = 0
  for (let at = start; at < start + pieceBytes - 4; at += 1) {
    const word = block.readInt32LE(at)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const before = seen[slot] ?? -1
    if (before >= 0 && block.readInt32LE(before) === word) found += 1
    seen[slot] = at
  }
  return found / pieceBytes
}

/** Above it some of a block may be dense; text and programs lie below. */
const mixedEntropy = 6.5

/** Bytes of the segments that a mixed block is looked at by. */
const segmentBytes = 128 * 1024

/**
 * The block in order, cut where what would shrink and what would not meet: files that are compressed already stand beside
 * others in most layers. The same block is always cut the same way.
 */
export function segmentsOf(block: Buffer): { bytes: Buffer; dense: boolean }[] {
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
