import { createCipheriv, createHash } from 'node:crypto'

/** Incompressible bytes that are always the same for a seed: AES-CTR over zeros, about 1 GB/s. */
export function randomBytesOf(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** Bytes of which about `share` (0 to 1) stays after compression, always the same for a seed. */
export function bytesOf(seed: string, size: number, share: number): Buffer {
  const bytes = Buffer.alloc(size)
  randomBytesOf(seed, Math.round(size * share)).copy(bytes)
  return bytes
}
