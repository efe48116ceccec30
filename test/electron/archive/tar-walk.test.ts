import fc from 'fast-check'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { SequenceReader } from '../../../electron/archive/sequence'
import { walkTar, type TarMember } from '../../../electron/archive/tar-walk'
import { endOfTar, paxEntry, tarEntry, tarOf, type Entry } from './tar-writer'

async function members(tar: Buffer, pieces = 300): Promise<TarMember[]> {
  const chunks = Array.from({ length: Math.ceil(tar.length / pieces) }, (_, n) =>
    tar.subarray(n * pieces, (n + 1) * pieces),
  )
  const found: TarMember[] = []
  await walkTar(new SequenceReader(Readable.from(chunks)), async (member) => void found.push(member))
  return found
}
const names = async (tar: Buffer): Promise<string[]> => (await members(tar)).map(({ name }) => name)
const base256 = (value: number): Buffer => {
  const field = Buffer.alloc(12)
  field[0] = 0x80
  field.writeUIntBE(value, 6, 6)
  return field
}

describe('what is read', () => {
  it('names by ustar prefix, pax and GNU', async () => {
    const long = `${'a'.repeat(120)}/${'b'.repeat(120)}`
    const tar = tarOf([
      { name: 'layer.tar', prefix: 'folder/inner', data: '1' },
      { name: 'not-a-prefix', prefix: '12345670', magic: 'gnu', data: '2' },
      paxEntry({ path: `pax/${long}`, comment: 'x' }),
      { name: 'short', data: '3' },
      { name: '././@LongLink', type: 'L', data: `gnu/${long}\0`, magic: 'gnu' },
      { name: 'cut', data: '4' },
      { name: './plain//name/', type: '5' },
      { name: './last//./one', data: '5' },
    ])
    expect(await names(tar)).toEqual([
      'folder/inner/layer.tar',
      'not-a-prefix',
      `pax/${long}`,
      `gnu/${long}`,
      'last/one',
    ])
  })

  it('sizes in base 256 and in pax headers, and where content lies', async () => {
    const tar = tarOf([
      { name: 'a', data: 'abc', size: base256(3) },
      paxEntry({ size: '5' }),
      { name: 'b', data: 'abcde', size: 0 },
    ])
    const found = await members(tar)
    expect(
      found.map(
        (member) =>
          member.kind === 'file' && tar.toString('latin1', member.offset, member.offset + member.size),
      ),
    ).toEqual(['abc', 'abcde'])
  })

  it('links, inside the archive', async () => {
    const tar = tarOf([
      { name: 'one/layer.tar', data: 'x' },
      { name: 'two/layer.tar', type: '2', link: '../one/layer.tar' },
      { name: 'three', type: '1', link: 'one/layer.tar' },
    ])
    expect(await members(tar)).toMatchObject([{}, { target: 'one/layer.tar' }, { target: 'one/layer.tar' }])
  })

  it('a tar without its closing blocks', async () => {
    expect(await names(tarEntry({ name: 'a', data: 'x' }))).toEqual(['a'])
  })
})

describe('what is refused', () => {
  const file: Entry = { name: 'a', data: 'x'.repeat(2000) }
  const cases: [string, Buffer, string][] = [
    ['a way out', tarOf([{ name: 'x/../../etc/passwd' }]), 'ARCHIVE_INVALID'],
    ['a way out by pax', tarOf([paxEntry({ path: '../x' }), file]), 'ARCHIVE_INVALID'],
    ['a way out by GNU', tarOf([{ name: 'l', type: 'L', data: '../x' }, file]), 'ARCHIVE_INVALID'],
    ['a folder that leads out', tarOf([{ name: '../x', type: '5' }]), 'ARCHIVE_INVALID'],
    ['an absolute name', tarOf([{ name: '/etc/passwd' }]), 'ARCHIVE_INVALID'],
    ['a NUL in a pax name', tarOf([paxEntry({ path: 'a\0b' }), file]), 'ARCHIVE_INVALID'],
    ['no name', tarOf([{ name: './', data: 'x', type: '7' }]), 'ARCHIVE_INVALID'],
    ['an absolute link', tarOf([{ name: 'a', type: '2', link: '/etc/passwd' }]), 'ARCHIVE_INVALID'],
    ['a link that leads out', tarOf([{ name: 'a/b', type: '2', link: '../../c' }]), 'ARCHIVE_INVALID'],
    ['a hard link that leads out', tarOf([{ name: 'a', type: '1', link: '../c' }]), 'ARCHIVE_INVALID'],
    ...['3', '4', '6'].map((type): [string, Buffer, string] => [
      `a device ${type}`,
      tarOf([{ name: 'a', type }]),
      'ARCHIVE_INVALID',
    ]),
    ['GNU sparse files', tarOf([{ name: 'a', type: 'S' }]), 'ARCHIVE_UNSUPPORTED'],
    ['pax sparse files', tarOf([paxEntry({ 'GNU.sparse.major': '1' }), file]), 'ARCHIVE_UNSUPPORTED'],
    ['one name for all', tarOf([paxEntry({ path: 'x' }, 'g'), file]), 'ARCHIVE_INVALID'],
    [
      'a size beyond the end',
      Buffer.concat([tarEntry({ name: 'a', data: 'x', size: 4000 }), endOfTar]),
      'ARCHIVE_INVALID',
    ],
    ['an enormous size', tarOf([{ name: 'a', size: base256(2 ** 47) }]), 'ARCHIVE_INVALID'],
    ['a size beyond numbers', tarOf([{ name: 'a', size: Buffer.alloc(12, 0xbf) }]), 'ARCHIVE_INVALID'],
    ['a negative size', tarOf([{ name: 'a', size: Buffer.alloc(12, 0xff) }]), 'ARCHIVE_INVALID'],
    ['a negative pax size', tarOf([paxEntry({ size: '-1' }), file]), 'ARCHIVE_INVALID'],
    [
      'a size that is no number',
      tarOf([{ name: 'a', size: Buffer.from('99999999999\0') }]),
      'ARCHIVE_INVALID',
    ],
    ['a broken pax header', tarOf([{ name: 'p', type: 'x', data: '99 path=a\n' }, file]), 'ARCHIVE_INVALID'],
    ['a pax header without end', tarOf([{ name: 'p', type: 'x', data: '5 path' }, file]), 'ARCHIVE_INVALID'],
    [
      'a huge pax header',
      tarOf([{ name: 'p', type: 'x', data: Buffer.alloc(2 ** 21) }, file]),
      'ARCHIVE_INVALID',
    ],
    ['a wrong checksum', tarOf([file, { name: 'b', breakChecksum: true }]), 'ARCHIVE_INVALID'],
    ['a cut in content', tarOf([file]).subarray(0, 1500), 'ARCHIVE_INVALID'],
    ['a cut in a header', Buffer.concat([tarEntry(file), Buffer.alloc(100, 1)]), 'ARCHIVE_INVALID'],
    ['a folder with content', tarOf([{ name: 'folder/', data: tarEntry(file) }]), 'ARCHIVE_INVALID'],
    ['a name without end', tarOf([paxEntry({ path: 'x'.repeat(5000) }), file]), 'ARCHIVE_INVALID'],
  ]
  it.each(cases)('%s', async (_, tar, code) => {
    await expect(members(tar)).rejects.toMatchObject({ code })
  })

  it('entries without end', async () => {
    const one = tarEntry({ name: 'd/', type: '5' })
    await expect(
      members(Buffer.concat(Array.from({ length: 70_000 }, () => one)), 2 ** 16),
    ).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      detail: 'too many entries',
    })
  })
})

describe('fuzz', () => {
  const sample = tarOf([
    { name: 'a/b', data: 'x'.repeat(700) },
    paxEntry({ path: 'long', size: '3' }),
    { name: 'c', data: 'abc' },
    { name: 'l', type: 'L', data: 'name\0' },
    { name: 'd', type: '2', link: 'c' },
  ])
  const settles = async (tar: Buffer): Promise<void> => {
    try {
      await members(tar, 777)
    } catch (error) {
      expect(error).toBeInstanceOf(AppError)
      expect((error as AppError).code).toMatch(/^ARCHIVE_/)
    }
  }
  /** Mends the checksums, so that changes reach what lies behind them. */
  const mend = (tar: Buffer): Buffer => {
    for (let at = 0; at + 512 <= tar.length; at += 512) {
      if (tar.toString('latin1', at + 257, at + 262) !== 'ustar') continue
      tar.fill(' ', at + 148, at + 156)
      const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0)
      tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148)
    }
    return tar
  }
  it('changed bytes, with and without right checksums', async () => {
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (changes, mended) => {
          const tar = Buffer.from(sample)
          for (const [at, value] of changes) tar[at] = value
          await settles(mended ? mend(tar) : tar)
        },
      ),
      { numRuns: 1000 },
    )
  })
  it('any bytes, and any cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), (bytes) => settles(Buffer.from(bytes))),
    )
    await fc.assert(fc.asyncProperty(fc.nat(sample.length), (end) => settles(sample.subarray(0, end))))
  })
})
