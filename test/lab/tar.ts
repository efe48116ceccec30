export interface TarEntry {
  path: string
  /** Content of a file. */
  data?: Buffer
  /** Target of a symbolic link. */
  link?: string
  /** Neither content nor link makes a folder. */
  mode?: number
}

/** Packs entries into a tar (POSIX ustar, names up to 100 bytes), all dated 1970 and owned by root. */
export function packTar(entries: TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const data = entry.data ?? Buffer.alloc(0)
    return [header(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(512)
  const kind = entry.data !== undefined ? '0' : entry.link !== undefined ? '2' : '5'
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`too long for a ustar name: ${entry.path}`)
  block.write(entry.path, 0)
  const octal = (value: number, at: number, width: number): void => {
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
  }
  octal(entry.mode ?? (kind === '0' ? 0o644 : 0o755), 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.write(kind, 156)
  block.write(entry.link ?? '', 157)
  block.write('ustar\u000000', 257)
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
