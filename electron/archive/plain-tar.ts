import type { ArchiveFile } from './file'
import { MemberTable } from './member-table'
import { FileMembers, type Members } from './members'
import { walkTar, type TarInput } from './tar-walk'

/** Reads a tar's headers once and jumps over the content, which is read by offset later. */
export async function indexTar(file: ArchiveFile, signal?: AbortSignal): Promise<Members> {
  const table = new MemberTable()
  await walkTar(new FileInput(file), async (member) => table.add(member), signal)
  return new FileMembers(file, table)
}

class FileInput implements TarInput {
  position = 0

  constructor(private readonly file: ArchiveFile) {}

  async read(length: number): Promise<Buffer> {
    const bytes = await this.file.read(this.position, Math.min(length, this.file.size - this.position))
    this.position += bytes.length
    return bytes
  }

  async skip(length: number): Promise<boolean> {
    if (length > this.file.size - this.position) return false
    this.position += length
    return true
  }
}
