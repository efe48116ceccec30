import { describe, expect, it } from 'vitest'
import { lineLimit, LogLines } from '../../../../electron/deploy/engine-pool/log-lines'
import { ownTime } from '../../../support/own-time'

const stamp = (nanos: number): string => `2024-05-01T12:00:00.${String(nanos).padStart(9, '0')}Z`
const base = Date.parse('2024-05-01T12:00:00Z')

function frame(kind: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header[0] = kind
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

function readAll(bytes: Buffer, { tty = false, size = bytes.length } = {}) {
  const lines = new LogLines({ from: 'web-1', tty })
  const read = []
  for (let at = 0; at < bytes.length; at += size) read.push(...lines.push(bytes.subarray(at, at + size)))
  return [...read, ...lines.end()].map(({ stamp: _stamp, ...line }) => line)
}

const line = (at: number | null, text: string, channel = 'out') => ({ at, from: 'web-1', channel, text })

describe('a multiplexed log', () => {
  const text = '日本語 🚢 naïve'
  const bytes = Buffer.concat([
    frame(1, `${stamp(1_500_000)} ${text}\n`),
    frame(2, `${stamp(2_000_000)} \u001b[31mred\u001b[0m\n`),
    frame(1, `${stamp(3_000_000)} \n`),
    frame(1, `${stamp(4_000_000)} no line feed`),
  ])
  const expected = [
    line(base + 1, text),
    line(base + 2, '\u001b[31mred\u001b[0m', 'err'),
    line(base + 3, ''),
    line(base + 4, 'no line feed'),
  ]

  it.each([1, 2, 3, 7, 8, 9, 64, 100_000])('is read the same in chunks of %i bytes', (size) => {
    expect(readAll(bytes, { size })).toEqual(expected)
  })

  it('joins a line that docker keeps in pieces, up to the limit, without cutting a character', () => {
    const long = 'é🚢'.repeat(8000)
    const whole = Buffer.from(long)
    const pieces: Buffer[] = []
    for (let at = 0; at < whole.length; at += 16_384) {
      const end = at + 16_384 >= whole.length ? '\n' : ''
      pieces.push(
        frame(
          1,
          Buffer.concat([Buffer.from(`${stamp(5)} `), whole.subarray(at, at + 16_384), Buffer.from(end)]),
        ),
      )
      pieces.push(frame(2, `${stamp(at + 9)} between\n`))
    }
    const read = readAll(Buffer.concat(pieces))
    const own = read.filter(({ channel }) => channel === 'out')
    expect(own.map((one) => one.text).join('')).toBe(long)
    expect(own.every((one) => Buffer.byteLength(one.text) <= lineLimit && one.at === base)).toBe(true)
    expect(own).toHaveLength(3)
    expect(read.filter(({ text }) => text === 'between')).toHaveLength(3)
  })

  it('joins pieces of Podman, and tells an exact multiple of the piece as one line', () => {
    const at = '2024-05-01T12:00:00Z'
    const piece = 'x'.repeat(8192)
    expect(readAll(Buffer.concat([frame(1, `${at} ${piece}`), frame(1, `${at} tail\n`)]))).toEqual([
      line(base, `${piece}tail`),
    ])
    expect(readAll(Buffer.concat([frame(1, `${at} ${piece}`), frame(1, `${at} \n`)]))).toEqual([
      line(base, piece),
    ])
  })

  it('does not join what a process that died left with the next line', () => {
    expect(readAll(Buffer.concat([frame(1, `${stamp(1)} died`), frame(1, `${stamp(2)} begun\n`)]))).toEqual([
      line(base, 'died'),
      line(base, 'begun'),
    ])
  })

  it('holds no more than a line of a frame that claims four gigabytes', () => {
    const header = Buffer.from([1, 0, 0, 0, 255, 255, 255, 255])
    const lines = new LogLines({ from: 'web-1', tty: false })
    lines.push(header)
    let bytesRead = 0
    for (let count = 0; count < 64; count += 1) {
      for (const read of lines.push(Buffer.alloc(65_536, 97))) {
        expect(read.text.length).toBeLessThanOrEqual(lineLimit)
        bytesRead += read.text.length
      }
    }
    expect(64 * 65_536 - bytesRead).toBeLessThanOrEqual(2 * lineLimit)
  })

  it('refuses what is no frame', () => {
    const lines = new LogLines({ from: 'web-1', tty: false })
    expect(() => lines.push(Buffer.from('plain text\n'))).toThrow(/not made of frames/)
  })
})

describe('the log of a terminal', () => {
  it('is bare bytes with both line ends', () => {
    const bytes = Buffer.from(`${stamp(1_000_000)} hé\r\n${stamp(2_000_000)} b\r\n`)
    for (const size of [1, 5, 1000]) {
      expect(readAll(bytes, { tty: true, size })).toEqual([line(base + 1, 'hé'), line(base + 2, 'b')])
    }
  })

  it.each([1000, 1_000_000])('leaves out the time stamps inside a long line, chunks of %i', (size) => {
    const long = 'y'.repeat(40_000)
    const pieces = [0, 16_384, 32_768].map((at) => `${stamp(7)} ${long.slice(at, at + 16_384)}`)
    const read = readAll(Buffer.from(`${pieces.join('')}\r\n`), { tty: true, size })
    expect(read.map(({ text }) => text).join('')).toBe(long)
  })
})

it('reads a time stamp with an offset, and a line without any', () => {
  expect(readAll(frame(1, '2024-05-01T20:00:00.25+08:00 a\nb\n'))).toEqual([
    line(base + 250, 'a'),
    line(null, 'b'),
  ])
})

it('reads 100,000 lines in a moment', () => {
  const one = frame(
    1,
    `${stamp(1)} line number of a usual length, as most programs write them, of 80 bytes or so\n`,
  )
  const chunk = Buffer.concat(Array.from({ length: 500 }, () => one))
  const lines = new LogLines({ from: 'web-1', tty: false })
  const since = ownTime()
  let count = 0
  for (let index = 0; index < 200; index += 1) count += lines.push(chunk).length
  expect(count).toBe(100_000)
  expect(ownTime() - since).toBeLessThan(2000)
})

it('leaves out the stamp that Podman puts before the end of a terminal’s line', () => {
  const lines = new LogLines({ from: 'web-1', tty: true })
  const log = '2026-11-23T20:33:46Z a\r\n2026-11-23T20:33:46Z b2026-11-23T20:33:46Z \r\n'
  expect(lines.push(Buffer.from(log)).map(({ text }) => text)).toEqual(['a', 'b'])
})
