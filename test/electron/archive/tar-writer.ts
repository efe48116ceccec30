/** Writes tars by hand, the broken and hostile ones included: every field can be set to what it should not be. */
export interface Entry {
  name: string
  data?: Buffer | string
  type?: string
  link?: string
  prefix?: string
  /** Instead of the content's length. */
  size?: number | Buffer
  /** `posix`, or GNU's own. */
  magic?: 'posix' | 'gnu'
  breakChecksum?: boolean
}

const blockBytes = 512
export const endOfTar = Buffer.alloc(2 * blockBytes)

/** One entry: header, content, padding. */
export function tarEntry(entry: Entry): Buffer {
  const data = Buffer.from(entry.data ?? '')
  const block = Buffer.alloc(blockBytes)
  const size = entry.size ?? data.length
  block.write(entry.name, 0, 100)
  block.write('0000644\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  if (typeof size === 'number') block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else size.copy(block, 124)
  block.write('00000000000\0', 136)
  block.write(entry.type ?? '0', 156)
  block.write(entry.link ?? '', 157, 100)
  block.write(entry.magic === 'gnu' ? 'ustar  \0' : 'ustar\u000000', 257)
  block.write(entry.prefix ?? '', 345, 155)
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0) + (entry.breakChecksum ? 1 : 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([block, data, Buffer.alloc((blockBytes - (data.length % blockBytes)) % blockBytes)])
}

/** A whole tar with its end. */
export const tarOf = (entries: Entry[]): Buffer => Buffer.concat([...entries.map(tarEntry), endOfTar])

/** A pax extended header for the entry that follows. */
export function paxEntry(records: Record<string, string>, type = 'x'): Entry {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest + 1
    while (String(length).length + rest !== length) length += 1
    return `${length} ${key}=${value}\n`
  })
  return { name: 'PaxHeaders/x', type, data: lines.join('') }
}
