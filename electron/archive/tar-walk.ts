import { checkSignal, invalid, quote, unsupported } from './error'
import { linkTarget, memberName } from './member-name'
import { blockBytes, parsePax, parseTarHeader, type TarHeader } from './tar-header'

/** What a tar is read from, front to back: by offset in a file, or off a stream. */
export interface TarInput {
  readonly position: number
  /** `length` bytes; fewer only at the end. */
  read(length: number): Promise<Buffer>
  /** False when it ends before. */
  skip(length: number): Promise<boolean>
}

export type TarMember =
  /** `offset` is where its content begins in the tar. */
  | { kind: 'file'; name: string; size: number; offset: number }
  | { kind: 'link'; name: string; target: string }

/** Far more than any image has; a tar of nothing but headers ends here. */
const mostEntries = 65_536
/** For one extended header, as Go's reader has it. */
const mostExtension = 1024 * 1024

interface Extension {
  path?: string
  link?: string
  size?: number
}

const padding = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes

/**
 * Walks over a tar (ustar, pax, GNU) and shows each file and link; `visit` may read a file's content, the rest of it is
 * passed over. ARCHIVE_INVALID for what is cut short, lies about sizes, names outside places, or holds devices.
 */
export async function walkTar(
  input: TarInput,
  visit: (member: TarMember) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let extension: Extension = {}
  for (let entries = 0; ; entries += 1) {
    checkSignal(signal)
    if (entries > mostEntries) throw invalid('too many entries')
    const block = await input.read(blockBytes)
    // Some writers leave out the two blocks of zeros: what is missing shows when something is looked for.
    if (block.length === 0) return
    if (block.length < blockBytes) throw invalid('cut short')
    const header = parseTarHeader(block)
    if (header === null) return
    if ('xgLK'.includes(header.type)) {
      extension = { ...extension, ...(await readExtension(input, header)) }
      continue
    }
    await showEntry(input, extend(header, extension), visit)
    extension = {}
  }
}

/** An extended header applies to the entry that follows it. */
function extend(header: TarHeader, { path, link, size }: Extension): TarHeader {
  return {
    type: header.type,
    name: path ?? header.name,
    link: link ?? header.link,
    size: size ?? header.size,
  }
}

async function readExtension(input: TarInput, { type, size }: TarHeader): Promise<Extension> {
  if (size > mostExtension) throw invalid('an extended header that is too large')
  const bytes = await input.read(size)
  if (bytes.length < size || !(await input.skip(padding(size)))) throw invalid('cut short')
  if (type === 'L') return { path: untilNul(bytes) }
  if (type === 'K') return { link: untilNul(bytes) }
  const records = parsePax(bytes)
  const path = records.get('path')
  const link = records.get('linkpath')
  const digits = records.get('size')
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse')))
    throw unsupported('sparse files in a tar')
  if (type === 'g') {
    if (path ?? link ?? digits) throw invalid('one name or size for all members')
    return {}
  }
  if (digits !== undefined && !(/^[0-9]{1,16}$/.test(digits) && Number.isSafeInteger(Number(digits))))
    throw invalid('a size in a pax header that is none')
  return {
    ...(path === undefined ? {} : { path }),
    ...(link === undefined ? {} : { link }),
    ...(digits === undefined ? {} : { size: Number(digits) }),
  }
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

async function showEntry(
  input: TarInput,
  { name: raw, size, type, link }: TarHeader,
  visit: (member: TarMember) => Promise<void>,
): Promise<void> {
  const name = memberName(raw)
  // Old writers mark a folder by the slash alone. With content it would be a file to some readers, and more headers to others.
  if (type === '0' && raw.endsWith('/') && size > 0) throw invalid(`a folder with content ${quote(raw)}`)
  if (type === '5' || (type === '0' && raw.endsWith('/'))) return
  if (type === 'V') return
  if (name === '') throw invalid('a file without a name')
  if (type === '1') return visit({ kind: 'link', name, target: memberName(link) })
  if (type === '2') return visit({ kind: 'link', name, target: linkTarget(name, link) })
  if ('346'.includes(type)) throw invalid(`a device or pipe ${quote(name)}`)
  if (type !== '0' && type !== '7') throw unsupported(`a member of type ${quote(type)} in the tar`)
  const start = input.position
  await visit({ kind: 'file', name, size, offset: start })
  const rest = start + size + padding(size) - input.position
  if (!(await input.skip(rest))) throw invalid(`cut short in ${quote(name)}`)
}
