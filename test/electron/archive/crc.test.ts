import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { crcByTable, crcOf, joinCrc } from '../../../electron/archive/crc'
import { randomBytesOf } from '../../lab/random-bytes'

const known = (bytes: Buffer): number => gzipSync(bytes).readUInt32LE(gzipSync(bytes).length - 8)
const bytes = randomBytesOf('crc', 100_003)

it('sums as zlib does, with and without it', () => {
  for (const length of [0, 1, 2, 3, 4, 5, 1023, 100_003]) {
    const piece = bytes.subarray(0, length)
    expect([crcByTable(piece), crcOf(piece)]).toEqual([known(piece), known(piece)])
  }
  expect(crcByTable(Buffer.from('123456789'))).toBe(0xcbf43926)
})

it('joins the sums of pieces of any length', () => {
  for (const cut of [0, 1, 7, 4096, 65_536, 100_002, 100_003]) {
    const [a, b] = [bytes.subarray(0, cut), bytes.subarray(cut)]
    expect(joinCrc(crcOf(a), crcOf(b), b.length)).toBe(known(bytes))
  }
})
