/** Secrets that are unlike anything else, and the search for them in whatever a program writes. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { keptFiles } from './kept-files'

export interface Canary {
  name: string
  /** What is typed, sent and kept. */
  value: string
  /** A part of it, in letters that no encoding of text changes; what is searched for. */
  core: string
}

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'

/** A new secret: signs that each encoding writes in another way, then random letters. */
export function newCanary(name: string, signs = 'p+/=?&%ä "\'<'): Canary {
  const core = [...randomBytes(24)].map((byte) => letters[byte % letters.length]).join('')
  return { name, value: `${signs}${core}`, core }
}

/** Somebody else's secret, say a token: its longest run of letters is searched for. */
export function canaryOf(name: string, value: string): Canary {
  const runs = value.split(/[^A-Za-z0-9]+/).sort((a, b) => b.length - a.length)
  return { name, value, core: (runs[0] ?? '').slice(0, 40) }
}

/**
 * The core as each encoding writes it. Raw, JSON, percent, HTML and shell leave letters as they are; those that escape every
 * sign do not. Base64 depends on how many bytes stand before: all three cases, without the signs that hold bits of neighbours.
 */
export function formsOf(core: string): [encoding: string, bytes: Buffer][] {
  const bytes = Buffer.from(core)
  const escaped = (write: (code: number) => string): Buffer =>
    Buffer.from([...bytes].map((byte) => write(byte)).join(''))
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
  const base64 = (before: number, of: Buffer): string => {
    const text = Buffer.concat([Buffer.alloc(before), of]).toString('base64')
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + of.length) * 8) / 6))
  }
  const wide = Buffer.from(core, 'utf16le')
  return [
    ['raw', bytes],
    ['UTF-16', wide],
    ['UTF-16 with the high byte first', Buffer.from(wide).swap16()],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['upper-case hex', Buffer.from(bytes.toString('hex').toUpperCase())],
    ...[0, 1, 2].flatMap((before): [string, Buffer][] => {
      const text = base64(before, bytes)
      const url = text.replaceAll('+', '-').replaceAll('/', '_')
      const twice = [0, 1, 2].map((again) => Buffer.from(base64(again, Buffer.from(text))))
      return [
        [`base64 after ${before}`, Buffer.from(text)],
        [`base64url after ${before}`, Buffer.from(url)],
        ...twice.map((one): [string, Buffer] => [`base64 of base64 after ${before}`, one]),
        [`base64 of UTF-16 after ${before}`, Buffer.from(base64(before, wide))],
      ]
    }),
    ['percent for every sign', escaped((byte) => `%${hex(byte)}`)],
    ['percent in capitals', escaped((byte) => `%${hex(byte).toUpperCase()}`)],
    ['JSON escapes', escaped((byte) => `\\u00${hex(byte)}`)],
    ['JSON escapes in capitals', escaped((byte) => `\\u00${hex(byte).toUpperCase()}`)],
    ['octal escapes', escaped((byte) => `\\${byte.toString(8)}`)],
    ['HTML entities', escaped((byte) => `&#${byte};`)],
    ['HTML entities in hex', escaped((byte) => `&#x${hex(byte)};`)],
  ]
}

/** Looks for many texts at once: by their first three bytes, then whole. */
export class Search {
  private readonly heads = new Uint8Array(1 << 24)
  private readonly byHead = new Map<number, { name: string; encoding: string; bytes: Buffer }[]>()

  constructor(canaries: readonly Canary[]) {
    for (const { name, core } of canaries) {
      for (const [encoding, bytes] of formsOf(core)) {
        const head = (bytes[0] ?? 0) * 65_536 + (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0)
        this.heads[head] = 1
        this.byHead.set(head, [...(this.byHead.get(head) ?? []), { name, encoding, bytes }])
      }
    }
  }

  /** `name (encoding)` of each canary that is in there, also within what is compressed there. */
  in(content: Buffer | string): string[] {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    return [...new Set([bytes, ...unpacked(bytes)].flatMap((one) => this.plain(one)))]
  }

  /** `path: name (encoding)` of what the files below some folders hold; `except` are paths that may. */
  inFiles(folders: readonly string[], except: readonly string[] = []): string[] {
    return folders.flatMap((folder) =>
      keptFiles(folder)
        .filter((path) => !except.includes(path))
        .flatMap((path) =>
          [...this.in(contentOf(path)), ...this.in(path)].map((found) => `${path}: ${found}`),
        ),
    )
  }

  private plain(bytes: Buffer): string[] {
    const found = new Set<string>()
    let head = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)
    for (let at = 2; at < bytes.length; at += 1) {
      head = ((head << 8) | (bytes[at] ?? 0)) & 0xff_ff_ff
      if (this.heads[head] === 0) continue
      for (const { name, encoding, bytes: form } of this.byHead.get(head) ?? []) {
        if (bytes.compare(form, 0, form.length, at - 2, Math.min(bytes.length, at - 2 + form.length)) === 0)
          found.add(`${name} (${encoding})`)
      }
    }
    return [...found]
  }
}

/** A file that is gone meanwhile holds nothing. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

const gzipHead = Buffer.from([0x1f, 0x8b, 0x08])
const zstdHead = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const loose = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 * 1024 * 1024 }

/** What is compressed within some bytes: gzip and zstd wherever they begin, the others as a whole. */
function unpacked(bytes: Buffer): Buffer[] {
  const tries: (() => Buffer)[] = []
  for (let at = bytes.indexOf(gzipHead); at >= 0; at = bytes.indexOf(gzipHead, at + 1)) {
    const from = at
    // Its head is ten bytes; without it what follows the end does no harm.
    tries.push(() => gunzipSync(bytes.subarray(from), loose))
    tries.push(() => inflateRawSync(bytes.subarray(from + 10), loose))
  }
  const zstd = bytes.indexOf(zstdHead)
  if (zstd >= 0) tries.push(() => spawnSync('zstd', ['-dcq'], { input: bytes.subarray(zstd) }).stdout)
  if (bytes.length < 1024 * 1024) {
    tries.push(() => inflateSync(bytes, loose))
    tries.push(() => inflateRawSync(bytes, loose))
    tries.push(() => brotliDecompressSync(bytes, { maxOutputLength: loose.maxOutputLength }))
  }
  return tries.flatMap((attempt) => {
    try {
      return [attempt()]
    } catch {
      return [] // It only looked like it.
    }
  })
}
