import { invalid, quote } from './error'

const longest = 4096

/**
 * A member's name in its one form: parts with single slashes, without `.`; empty for the root folder. ARCHIVE_INVALID
 * for one that is absolute, leaves the archive, or holds a NUL. Names are keys here, and never open anything on disk.
 */
export function memberName(raw: string): string {
  if (raw.length > longest) throw invalid('a name that is too long')
  if (raw.includes('\0')) throw invalid('a name with a NUL')
  if (raw.startsWith('/')) throw invalid(`an absolute name ${quote(raw)}`)
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw invalid(`a name that leaves the archive ${quote(raw)}`)
  return parts.join('/')
}

/** Where a symbolic link in `from`'s folder leads inside the archive; ARCHIVE_INVALID when it leads out. */
export function linkTarget(from: string, target: string): string {
  if (target.startsWith('/') || target.includes('\0') || target.length > longest)
    throw invalid(`a link that leaves the archive ${quote(from)}`)
  const parts = from.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw invalid(`a link that leaves the archive ${quote(from)}`)
  }
  return parts.join('/')
}
