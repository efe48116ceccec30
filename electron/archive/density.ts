import { deflateRaw } from 'node:zlib'

const slices = 16
const sliceBytes = 1024
/** Bits a byte. Random bytes come to 7.99 in a sample of this size. */
const dense = 7.94
const probeBytes = 32 * 1024

/** Bits of information a byte, by how often each value stands in samples from all over the block. */
function entropyOf(block: Buffer): number {
  const counts = new Uint32Array(256)
  const step = Math.max(sliceBytes, Math.floor((block.length - sliceBytes) / (slices - 1)))
  let total = 0
  for (let start = 0; start + sliceBytes <= block.length; start += step) {
    for (let at = start; at < start + sliceBytes; at += 1) {
      const value = block[at] ?? 0
      counts[value] = (counts[value] ?? 0) + 1
    }
    total += sliceBytes
  }
  let bits = 0
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / total)
  return total === 0 ? 0 : bits / total
}

/**
 * Whether a block would not shrink: what is compressed already (archives, pictures, packages). zlib takes twice as long for
 * such as for anything else. Asks the bytes' frequencies, and in doubt tries a piece; the same block always has the same answer.
 */
export async function isDense(block: Buffer): Promise<boolean> {
  if (block.length < probeBytes * 2 || entropyOf(block) < dense) return false
  const middle = Math.floor(block.length / 2)
  const probe = block.subarray(middle, middle + probeBytes)
  const size = await new Promise<number>((done, fail) => {
    deflateRaw(probe, { level: 1 }, (error, bytes) => (error ? fail(error) : done(bytes.length)))
  })
  return size > probe.length * 0.98
}
