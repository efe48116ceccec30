/** Zstandard (RFC 8878) as a stream. The library decodes blocks; frames are taken apart here, so that every step is bounded. */
import { Decompress } from 'fzstd'
import { AppError } from '@shared/error'
import { checkSignal, invalid, unsupported } from './error'
import { SequenceReader } from './sequence'
import { ZstdBlocks } from './zstd-block'

const magic = 0xfd2fb528
/** What `zstd` itself takes without being told to: windowLog 27. */
const largestWindow = 128 * 1024 * 1024
const largestBlock = 128 * 1024

/** Decompresses zstd frames. Never holds more than a window and a block; ARCHIVE_INVALID for what is broken or cut short. */
export async function* unzstd(source: AsyncIterable<Buffer>, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const input = new SequenceReader(source)
  try {
    for (;;) {
      const start = await input.read(4)
      if (start.length === 0) return
      if (start.length < 4) throw invalid('cut short (zstd)')
      const kind = start.readUInt32LE()
      if (kind >>> 4 === 0x184d2a5) {
        const length = (await exact(input, 4)).readUInt32LE()
        if (!(await input.skip(length))) throw invalid('cut short (zstd)')
      } else if (kind === magic) yield* frame(input, start, signal)
      else throw invalid('broken (zstd): no frame where one has to be')
    }
  } finally {
    await input.stop()
  }
}

async function exact(input: SequenceReader, length: number): Promise<Buffer> {
  const bytes = await input.read(length)
  if (bytes.length < length) throw invalid('cut short (zstd)')
  return bytes
}

/** RFC 8878, 3.1.1.1: the header's bytes, and the window that it asks for. */
async function readHeader(
  input: SequenceReader,
): Promise<{ bytes: Buffer; hasChecksum: boolean; window: number }> {
  const descriptor = (await exact(input, 1))[0] ?? 0
  const isSingle = (descriptor & 0x20) !== 0
  const contentFlag = descriptor >> 6
  if (descriptor & 3) throw unsupported('zstd with a dictionary')
  const window = await exact(input, isSingle ? 0 : 1)
  const content = await exact(input, contentFlag > 0 ? 1 << contentFlag : isSingle ? 1 : 0)
  const size = isSingle ? littleEndian(content) + (contentFlag === 1 ? 256 : 0) : windowSize(window[0] ?? 0)
  if (size > largestWindow) throw unsupported('zstd with a window above 128 MiB')
  return {
    bytes: Buffer.concat([Buffer.of(descriptor), window, content]),
    hasChecksum: (descriptor & 4) !== 0,
    window: size,
  }
}

const littleEndian = (bytes: Buffer): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0)

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

async function* frame(input: SequenceReader, start: Buffer, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { bytes, hasChecksum, window } = await readHeader(input)
  const blocks = new ZstdBlocks(Math.min(window, largestBlock))
  let out: Buffer[] = []
  const decoder = new Decompress((part) =>
    out.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  )
  const push = (part: Buffer, final: boolean): void => {
    try {
      decoder.push(part, final)
    } catch (error) {
      throw error instanceof AppError ? error : invalid('broken (zstd)', {}, error)
    }
  }
  let header = await exact(input, 3)
  push(Buffer.concat([start, bytes, header]), false)
  for (let last = false; !last;) {
    checkSignal(signal)
    const fields = header.readUIntLE(0, 3)
    const kind = (fields >> 1) & 3
    const size = fields >> 3
    last = (fields & 1) === 1
    if (kind === 3 || size > largestBlock)
      throw invalid('broken (zstd): a block of a kind or size that is not allowed')
    // With each block goes the next one's header, for the decoder keeps what it was given until some of it is left over.
    // With the last one goes the checksum, which is passed over: the content is held against digests.
    const rest = last ? (hasChecksum ? 4 : 0) : 3
    const body = await exact(input, (kind === 1 ? 1 : size) + rest)
    header = body.subarray(body.length - rest)
    if (kind === 2) blocks.check(body.subarray(0, size))
    push(body, last)
    for (const part of out) if (part.length > 0) yield part
    out = []
  }
}
