// Long because each stream needs its own inputs and its own promise.
/** What an engine streams: progress, log frames, lines, ssh's last words, colours of a log. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { Progress } from '@shared/job'
import { LogFrames } from '../../../electron/deploy/engine-pool/log-frames'
import { LogLines, lineLimit } from '../../../electron/deploy/engine-pool/log-lines'
import { toEvent } from '../../../electron/deploy/engine-pool/events'
import { toPoolError } from '../../../electron/deploy/engine-pool/error'
import { toSwarmError } from '../../../electron/deploy/swarm-pool/error'
import { toEngineError } from '../../../electron/engine/error'
import { JsonObjects, objectLimit } from '../../../electron/engine/json-stream'
import { layerSizes } from '../../../electron/engine/layer-sizes'
import { failureOf, lineOf, pulledDigest, pushedDigest, readMessage } from '../../../electron/engine/message'
import { TransferProgress } from '../../../electron/engine/progress'
import { toSshError } from '../../../electron/engine/ssh-error'
import { ansiPieces, plainText } from '../../../renderer/components/deployment/ansi-text'
import { leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bent, bentBytes, cutInto, cuts, long, soup } from './texts'

const amounts = fc.oneof(fc.nat(), fc.constantFrom(-1, 0, 1e308, 0.5, -1e9, 2 ** 60))
const message = fc.record(
  {
    id: fc.constantFrom('aaaaaaaaaaaa', 'bbbbbbbbbbbb', ''),
    status: fc.oneof(
      fc.constantFrom(
        'Pushing',
        'Pushed',
        'Downloading',
        'Extracting',
        'Waiting',
        'Layer already exists',
        'Retrying in 5 seconds',
        'Mounted from x',
        'Verifying Checksum',
        'constructor',
        '__proto__',
      ),
      anyText,
    ),
    progressDetail: fc.record({ current: amounts, total: amounts }, { requiredKeys: [] }),
    error: anyText,
    aux: fc.record({ Digest: anyText }),
  },
  { requiredKeys: [] },
)
const objects = fc.array(fc.oneof(message, fc.dictionary(anyText, anyJson)), { maxLength: 6 })
const gaps = fc.constantFrom('', '\n', '\r\n', ' \t\n')
const streamed = fc
  .tuple(objects, gaps)
  .map(([all, gap]) => ({ all, bytes: Buffer.from(all.map((one) => JSON.stringify(one) + gap).join('')) }))

/** All objects of a stream, or the error's code. */
function read(chunks: readonly Buffer[]): unknown {
  const reader = new JsonObjects()
  const found = outcome(() => {
    const all = chunks.flatMap((chunk) => reader.push(chunk))
    reader.end()
    return all
  })
  return 'error' in found ? found.error.code : found.value
}

const lines = fc.array(
  fc.record({
    channel: fc.constantFrom(1, 2),
    text: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, '')),
    stamp: fc.constantFrom(
      '2024-05-01T12:00:00.123456789Z ',
      '2024-05-01T12:00:01Z ',
      '2024-05-01T12:00:00.5+08:00 ',
    ),
  }),
  { maxLength: 8 },
)
const frame = (channel: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = channel
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}
const framed = lines.map((all) =>
  Buffer.concat(all.map(({ channel, stamp, text }) => frame(channel, Buffer.from(`${stamp}${text}\n`)))),
)

function readLines(chunks: readonly Buffer[], tty: boolean): unknown {
  const log = new LogLines({ from: 'x', tty })
  const found = outcome(() => [...chunks.flatMap((chunk) => log.push(chunk)), ...log.end()])
  if ('error' in found) return found.error.code
  // A replacement for a broken byte takes three.
  if (found.value.some(({ text }) => text.length > lineLimit)) leaked('a line without end')
  if (found.value.some(({ at }) => at !== null && !Number.isFinite(at))) taken('no time')
  return found.value
}

const words = soup(
  'no such image',
  'denied: ',
  'HTTP status 500',
  'port is already allocated',
  ':80',
  'x509: ',
  ' not found',
  'manifest for ',
  'EOF',
  'rpc error: code = x desc = ',
  'Permission denied (',
  'unauthorized',
  'exec ',
  'name "',
)
const thrown = fc.oneof(
  fc
    .oneof(words, anyText, long('manifest for ', 'exec ', 'network ', 'name "', 'No '))
    .map((text) => new Error(text)),
  fc
    .tuple(words, fc.oneof(fc.integer(), anyJson), anyJson, anyJson)
    .map(([text, statusCode, json, code]) => Object.assign(new Error(text), { statusCode, json, code })),
  fc.oneof(anyText, fc.constant(null)),
)
const escapes = soup(
  '\x1b[',
  '31',
  ';',
  'm',
  '\x1b]8;;http://evil/\x07',
  '\x1b]0;t\x1b\\',
  '\x1b',
  '\x9b',
  'K',
  '38;2;1;2;3m',
  '\r',
  '\b',
  '\x07',
  'text',
  '\x1bP',
  '?25h',
  '\u202e',
)

export const streams = (): Surface => ({
  name: 'streams',
  properties: [
    property(
      'objects come out as they went in, in any pieces',
      fc.tuple(streamed, cuts),
      ([{ all, bytes }, places]) => {
        const found = read(cutInto(bytes, places))
        if (!isDeepStrictEqual(found, JSON.parse(JSON.stringify(all)))) lost(JSON.stringify(found))
      },
    ),
    property(
      'a broken stream is read the same in any pieces',
      fc.tuple(
        fc.oneof(
          bentBytes(streamed.map(({ bytes }) => bytes)),
          soup('{', '}', '"', '\\', '[', '{"a":', ' ', '\n').map((text) => Buffer.from(text)),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        cuts,
      ),
      ([bytes, places]) => {
        const [one, other] = [read([bytes]), read(cutInto(bytes, places))]
        // What stood before the break may be told or not; that it breaks must be.
        if (typeof one !== typeof other || !isDeepStrictEqual(one, other))
          taken(`${JSON.stringify(one)} ${JSON.stringify(other)}`)
      },
    ),
    property(
      'an object without end is let go of',
      // Seldom: each takes a while.
      fc.tuple(fc.constantFrom('{"a":"', '{"a":[', '{', '{"\\'), fc.nat(99)),
      ([start, chance]) => {
        if (chance > 0) return
        const reader = new JsonObjects()
        const piece = Buffer.from(start === '{' ? '{"a":'.repeat(20_000) : 'x'.repeat(100_000))
        const found = outcome(() => {
          reader.push(Buffer.from(start))
          for (let size = 0; size <= objectLimit * 2; size += piece.length) reader.push(piece)
        })
        if ('value' in found) leaked('an object without end')
      },
    ),
    property(
      'progress stays within its bounds',
      fc.tuple(
        fc.array(fc.oneof(message, bent(message), anyJson), { maxLength: 12 }),
        fc.constantFrom('pushing' as const, 'pulling' as const),
        fc.boolean(),
      ),
      ([all, phase, announced]) => {
        const progress = new TransferProgress(phase, announced ? [{ id: 'aaaaaaaaaaaa', size: 100 }] : [])
        for (const value of all) {
          if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
          const read = readMessage(JSON.parse(JSON.stringify(value)))
          const line = lineOf(read)
          if (line !== null && (line.length > 2000 || /[\u0000-\u001f]/.test(line))) leaked(line)
          failureOf(read)
          pushedDigest(read)
          pulledDigest(read)
          progress.take(read)
          const shown = progress.snapshot()
          if (!Progress.safeParse(shown).success) lost(JSON.stringify(shown))
          for (const { completed, total } of [shown, ...shown.parts])
            if (!(completed >= 0) || (total !== null && !(total >= completed))) taken(JSON.stringify(shown))
        }
        progress.finish()
        if (!Progress.safeParse(progress.snapshot()).success) lost('the end')
      },
    ),
    property('lines come out as they were written, in any pieces', fc.tuple(lines, cuts), ([all, places]) => {
      const bytes = Buffer.concat(
        all.map(({ channel, stamp, text }) => frame(channel, Buffer.from(`${stamp}${text}\n`))),
      )
      const found = readLines(cutInto(bytes, places), false)
      const meant = all.map(({ channel, text }) => [channel === 2 ? 'err' : 'out', text])
      const said = Array.isArray(found)
        ? (found as { channel: string; text: string }[]).map(({ channel, text }) => [channel, text])
        : found
      if (!isDeepStrictEqual(said, meant)) lost(JSON.stringify(said))
    }),
    property(
      'a broken log is read or refused, and within its bounds',
      fc.tuple(
        fc.oneof(
          bentBytes(framed),
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
          fc.nat(70_000).map((length) => frame(1, Buffer.alloc(length, 0xc3))),
        ),
        cuts,
        fc.boolean(),
      ),
      ([bytes, places, tty]) => {
        const one = readLines([bytes], tty)
        const other = readLines(cutInto(bytes, places), tty)
        if (typeof one !== typeof other) taken('it depends on the pieces')
      },
    ),
    property('frames are never held', fc.tuple(bentBytes(framed), cuts), ([bytes, places]) => {
      let shown = 0
      const frames = new LogFrames((_channel, _bytes, start, end) => (shown += end - start))
      outcome(() => cutInto(bytes, places).forEach((chunk) => frames.push(chunk)))
      if (shown > bytes.length) leaked('more than came')
    }),
    property(
      'an event is one, or none',
      fc.oneof(
        anyJson,
        bent(
          fc.constant({
            Type: 'container',
            Action: 'die',
            Actor: { ID: 'x', Attributes: { name: 'a', exitCode: '1' } },
            time: 1,
            timeNano: 1e9,
          }),
        ),
      ),
      (value) => {
        const event = toEvent(value)
        if (event && !(Number.isFinite(event.at) && typeof event.kind === 'string'))
          taken(JSON.stringify(event))
      },
    ),
    property('a failure is an error of ours', fc.tuple(thrown, words), ([failure, reference]) => {
      for (const error of [
        toEngineError(failure, { reference }),
        toPoolError(failure),
        toSwarmError(failure),
      ]) {
        if (error.code === 'INTERNAL') lost('INTERNAL')
        if ((error.detail?.length ?? 0) > 4000) leaked('a detail without end')
      }
    }),
    property(
      'so are the last words of ssh',
      fc.tuple(fc.oneof(words, anyText, long('No ', 'dial ', 'host key ')), fc.option(fc.nat(300))),
      ([text, exitCode]) => {
        const { code, detail } = toSshError({ host: 'h', exitCode, text })
        if (code === 'INTERNAL') lost('INTERNAL')
        if (!detail || detail.length > 4000 || /[^\n\P{Cc}]/u.test(detail)) leaked(detail ?? 'nothing')
      },
    ),
    property(
      'sizes of layers add up',
      fc.tuple(
        fc.nat(20),
        fc.array(fc.record({ Size: fc.nat(), CreatedBy: fc.oneof(words, anyText) }), { maxLength: 20 }),
        fc.nat(),
      ),
      ([count, history, fallback]) => {
        const sizes = layerSizes(count, history, fallback)
        if (sizes.length !== count || sizes.some((size) => !(size >= 0))) taken(JSON.stringify(sizes))
      },
    ),
    property(
      'a line of a log has colours and no powers',
      fc.oneof(escapes, anyText, long('\x1b[31m', '\x1b]', '\x1b[', '\r')),
      (text) => {
        const pieces = ansiPieces(text.slice(0, lineLimit))
        const plain = plainText(text.slice(0, lineLimit))
        if (pieces.map((piece) => piece.text).join('') !== plain) lost(JSON.stringify([pieces, plain]))
        if (/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(plain))
          leaked(JSON.stringify(plain))
      },
    ),
  ],
})
