import { randomBytes } from 'node:crypto'
import { mkdir, open, rm, statfs, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { checkSignal, quote, spoolFailed } from './error'
import { ArchiveFile } from './file'
import { MemberTable } from './member-table'
import { FileMembers, type Members } from './members'
import { SequenceReader } from './sequence'
import { walkTar } from './tar-walk'

/** Names that a layout or a docker archive may point to. Everything else in a tar is passed over. */
const wanted =
  /^(?:oci-layout|blobs\/[a-z0-9]+\/[a-f0-9]+|(?:.*\/)?(?:[^/]+\.(?:json|tar|tgz|tar\.gz|tar\.zst)|(?:sha256:)?[a-f0-9]{64}))$/

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Reads a tar off a stream, front to back, and keeps the content that may be needed in one file of our own in `folder`, which
 * is gone when it is closed (or this process ends). STORE_FAILED when the disk has no room for a member's declared size.
 */
export async function spoolTar(
  source: AsyncIterable<Buffer>,
  folder: string,
  signal?: AbortSignal,
): Promise<Members> {
  const path = join(folder, `archive-${randomBytes(12).toString('hex')}.spool`)
  const input = new SequenceReader(source)
  let handle: FileHandle | null = null
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    handle = await open(path, 'wx+', 0o600)
    // Without a name it is gone with its last user, whatever ends us. Where that is not possible, `close` removes it.
    await rm(path).catch(() => {})
    const table = await fill(input, handle, folder, signal)
    return new Spool(await ArchiveFile.of(handle), table, path)
  } catch (error) {
    await handle?.close()
    await rm(path, { force: true }).catch(() => {}) // What went wrong before is what counts.
    const isSystem = error instanceof Error && 'syscall' in error
    throw isSystem ? spoolFailed(words(error), {}, error) : error
  } finally {
    await input.stop()
  }
}

async function fill(
  input: SequenceReader,
  handle: FileHandle,
  folder: string,
  signal?: AbortSignal,
): Promise<MemberTable> {
  const table = new MemberTable()
  let end = 0
  await walkTar(
    input,
    async (member) => {
      if (member.kind === 'link') return table.add(member)
      if (!wanted.test(member.name)) return table.pass(member.name)
      table.add({ ...member, offset: end })
      await checkRoom(folder, member.name, member.size)
      for (let missing = member.size; missing > 0;) {
        checkSignal(signal)
        const part = await input.take(missing)
        if (part.length === 0) return // Cut short: the walk says so.
        await writeAll(handle, part, end)
        end += part.length
        missing -= part.length
      }
    },
    signal,
  )
  return table
}

async function writeAll(handle: FileHandle, part: Buffer, position: number): Promise<void> {
  for (let written = 0; written < part.length;) {
    written += (await handle.write(part, written, part.length - written, position + written)).bytesWritten
  }
}

const smallMember = 1024 * 1024

async function checkRoom(folder: string, name: string, size: number): Promise<void> {
  if (size <= smallMember) return
  const { bavail, bsize } = await statfs(folder)
  if (size > bavail * bsize) throw spoolFailed(`no room on the disk for ${quote(name)}: ${size} bytes`)
}

class Spool extends FileMembers {
  constructor(
    file: ArchiveFile,
    table: MemberTable,
    private readonly path: string,
  ) {
    super(file, table)
  }

  override async close(): Promise<void> {
    await super.close()
    await rm(this.path, { force: true })
  }
}
