import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { AppError } from '@shared/error'
import { unzstd } from '../../../electron/archive/zstd'
import { bytesOf } from '../../lab/random-bytes'
import { storedZstd } from './samples'

async function decoded(bytes: Buffer, pieces = 1000): Promise<Buffer> {
  const parts: Buffer[] = []
  const chunks = Array.from({ length: Math.ceil(bytes.length / pieces) }, (_, n) =>
    bytes.subarray(n * pieces, (n + 1) * pieces),
  )
  for await (const part of unzstd(Readable.from(chunks))) parts.push(part)
  return Buffer.concat(parts)
}

const sample = bytesOf('zstd', 500_000, 0.3)
const skippable = Buffer.from('502a4d1803000000616263', 'hex')
/** One block of a run: four bytes that become 128 KiB. */
const run = Buffer.from('28b52ffd0040030010'.concat('78'), 'hex')

describe('zstd', () => {
  it('is read in frames, past what may be skipped', async () => {
    const two = Buffer.concat([storedZstd(sample), skippable, storedZstd(Buffer.from('end'))])
    for (const pieces of [13, 1000, two.length])
      expect((await decoded(two, pieces)).equals(Buffer.concat([sample, Buffer.from('end')]))).toBe(true)
    expect((await decoded(run)).equals(Buffer.alloc(131_072, 'x'))).toBe(true)
    expect((await decoded(storedZstd(Buffer.alloc(0)))).length).toBe(0)
  })

  const hasProgram = spawnSync('zstd', ['--version']).status === 0
  it
    .runIf(hasProgram)
    .each([['-1'], ['-3'], ['-19'], ['-3', '--no-check'], ['-19', '--long=24'], ['-3', '-T2']])(
    '%s %s',
    async (...options) => {
      const real = Buffer.concat([sample, Buffer.from(import.meta.url.repeat(9000)), sample])
      const { stdout } = spawnSync('zstd', [...options, '-c'], { input: real, maxBuffer: 2 ** 26 })
      expect((await decoded(stdout, 65_536)).equals(real)).toBe(true)
    },
  )

  it('keeps no more than a window of what it has read', async () => {
    const block = Buffer.concat([Buffer.from([0x00, 0x00, 0x10]), bytesOf('block', 131_072, 1)]) // Stored, not the last.
    const endless = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('28b52ffd0040', 'hex')
      for (let count = 0; count < 2400; count += 1) yield Buffer.from(block)
      yield Buffer.from('010000', 'hex')
    }
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    /** What a collection leaves, not what nobody has collected yet. */
    const held = (): number => {
      collect()
      return process.memoryUsage().arrayBuffers
    }
    const before = held()
    let size = 0
    let parts = 0
    let most = 0
    for await (const part of unzstd(endless())) {
      size += part.length
      parts += 1
      if (parts % 400 === 0) most = Math.max(most, held() - before)
    }
    expect(size).toBe(2400 * 131_072)
    expect(parts).toBeGreaterThan(2000)
    // Of 315 MB. What is collected is let go of a little later.
    expect(most).toBeLessThan(100 * 1024 * 1024)
  })

  it.each<[string, Buffer]>([
    ['a cut in a block', storedZstd(sample).subarray(0, 200_000)],
    ['a cut in a header', storedZstd(sample).subarray(0, 5)],
    ['a cut between blocks', storedZstd(sample).subarray(0, 6 + 100_003)],
    ['a cut in what may be skipped', skippable.subarray(0, 9)],
    ['something behind a frame', Buffer.concat([storedZstd(sample), Buffer.from('more')])],
    ['a block of a kind that does not exist', Buffer.from('28b52ffd0040070000', 'hex')],
    ['a run that is too long', Buffer.from('28b52ffd00400b001078', 'hex')],
    // 98,046 times 64 KiB are copied, says a block of ten bytes.
    ['a block that copies without end', Buffer.from('28b52ffd004055000000fffeff540002340001', 'hex')],
    ['a block with a table that is not there', Buffer.from('28b52ffd0040350000000101fc000001', 'hex')],
    ['a block that is empty', Buffer.from('28b52ffd0040050000', 'hex')],
  ])('is refused with %s', async (_, bytes) => {
    await expect(decoded(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' })
  })

  it('is not read with a dictionary or an enormous window', async () => {
    await expect(decoded(Buffer.from('28b52ffd014001010000', 'hex'))).rejects.toMatchObject({
      code: 'ARCHIVE_UNSUPPORTED',
    })
    await expect(decoded(Buffer.from('28b52ffd00f8010000', 'hex'))).rejects.toMatchObject({
      code: 'ARCHIVE_UNSUPPORTED',
    })
  })

  it.runIf(hasProgram)(
    'that is damaged anywhere is read or refused, and ends',
    async () => {
      const { stdout } = spawnSync('zstd', ['-3', '-c', '--no-check'], {
        input: Buffer.from(JSON.stringify(process.versions).repeat(40)),
      })
      const change = fc.tuple(fc.nat(stdout.length - 1), fc.nat(255))
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
          const bytes = Buffer.from(stdout)
          for (const [at, value] of changes) bytes[at] = value
          await decoded(bytes).catch((error: unknown) =>
            expect((error as AppError).code).toMatch(/^ARCHIVE_/),
          )
        }),
        { numRuns: 300 },
      )
    },
    30_000,
  )
})
