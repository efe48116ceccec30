/** A deployment's configuration files as the tar that an engine unpacks into a container. POSIX.1-2017 ustar and pax. */
import type { FileSpec } from '@shared/deployment'

const block = 512

function header(name: string, size: number, mode: number, type: '0' | '5' | 'x'): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, at: number, width: number): void => {
    bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
  }
  bytes.write(name, 0, 100)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(Date.now() / 1000), 136, 12)
  bytes.write(type, 156)
  bytes.write('ustar\u000000', 257)
  bytes.fill(' ', 148, 156)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

const padded = (data: Buffer): Buffer =>
  Buffer.concat([data, Buffer.alloc((block - (data.length % block)) % block)])

/** `LENGTH path=NAME\n`, where LENGTH counts itself. */
function paxPath(name: string): Buffer {
  const rest = Buffer.byteLength(` path=${name}\n`)
  let length = rest
  while (rest + String(length).length !== length) length = rest + String(length).length
  return Buffer.from(`${length} path=${name}\n`)
}

function member(name: string, data: Buffer, mode: number, type: '0' | '5'): Buffer[] {
  const pax = paxPath(name)
  const long = Buffer.byteLength(name) > 100 || !/^[\x20-\x7e]*$/.test(name)
  return [
    ...(long ? [header('pax', pax.length, 0o644, 'x'), padded(pax)] : []),
    header(long ? name.replace(/[^\x20-\x7e]/g, '_').slice(0, 100) : name, data.length, mode, type),
    padded(data),
  ]
}

/**
 * Files for `putArchive` at `/`, root's. Folders of theirs are not named, so those that are there keep their rights; engines make
 * the missing ones. Without files an empty tar.
 */
export function tarOf(files: readonly Pick<FileSpec, 'path' | 'content' | 'mode'>[]): Buffer {
  const parts = files.flatMap(({ path, content, mode }) =>
    member(path.replace(/^\/+/, ''), Buffer.from(content), Number.parseInt(mode, 8), '0'),
  )
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}
