/** Lines of a container's log from its bytes: time stamps, 16 KiB at most each, UTF-8 that is cut anywhere. */
import type { LogLine } from '@shared/running'
import { LogFrames, type Channel } from './log-frames'

/** The longest line, in bytes; longer ones come in pieces. */
export const lineLimit = 16 * 1024
/** `2024-05-01T12:00:00.123456789+08:00 ` and some room. */
const stampLimit = 48

/** Podman stamps each piece of a terminal's line, also the empty one that a line's end makes when it comes by itself. */
const joint = /\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d) \r?$/

export interface StampedLine extends LogLine {
  /** The engine's own time stamp, finer than `at`; empty where it wrote none. */
  stamp: string
}

/**
 * Takes a log as the engine sends it with `timestamps=1`. `tty`: the container has a terminal, its log is bare bytes; otherwise
 * frames. A line that an engine keeps in pieces (docker of 16 KiB, Podman of 8) is joined as far as the limit allows.
 */
export class LogLines {
  readonly #from: string
  readonly #frames: LogFrames
  readonly #channels: Record<Channel, ChannelLines>
  readonly #tty: boolean
  #lines: StampedLine[] = []

  constructor({ from, tty }: { from: string; tty: boolean }) {
    this.#from = from
    this.#tty = tty
    const channel = (name: Channel): ChannelLines =>
      new ChannelLines((stamp, at, text) => {
        const whole = tty ? text.replace(joint, '') : text
        this.#lines.push({ at, from: this.#from, channel: name, text: whole, stamp })
      })
    this.#channels = { out: channel('out'), err: channel('err') }
    this.#frames = new LogFrames((name, bytes, start, end, last) =>
      this.#channels[name].push(bytes, start, end, last),
    )
  }

  /** The lines that this chunk completes. */
  push(chunk: Buffer): StampedLine[] {
    if (this.#tty) this.#channels.out.push(chunk, 0, chunk.length, false)
    else this.#frames.push(chunk)
    return this.#take()
  }

  /** What was left without a line feed when the log ended. */
  end(): StampedLine[] {
    this.#channels.out.end()
    this.#channels.err.end()
    return this.#take()
  }

  #take(): StampedLine[] {
    const lines = this.#lines
    this.#lines = []
    return lines
  }
}

class ChannelLines {
  readonly #take: (stamp: string, at: number | null, text: string) => void
  readonly #times = new StampTimes()
  /** Bytes of a piece whose end has not come yet, stamp included. */
  #rest: Buffer | null = null
  /** A line that goes on in the next piece: its stamp and its bytes so far. */
  #open: { stamp: string; bytes: Buffer } | null = null

  constructor(take: (stamp: string, at: number | null, text: string) => void) {
    this.#take = take
  }

  push(bytes: Buffer, start: number, end: number, last: boolean): void {
    let from = start
    for (;;) {
      const feed = bytes.indexOf(10, from)
      if (feed === -1 || feed >= end) break
      this.#piece(this.#cut(this.#whole(bytes, from, feed)), true)
      from = feed + 1
    }
    // A copy: a few bytes would otherwise hold the whole chunk in memory.
    if (from < end) this.#rest = Buffer.from(this.#cut(this.#whole(bytes, from, end)))
    if (last && this.#rest) {
      const piece = this.#rest
      this.#rest = null
      this.#piece(piece, false)
    }
  }

  end(): void {
    if (this.#rest) this.#piece(this.#rest, false)
    this.#rest = null
    this.#close()
  }

  #whole(bytes: Buffer, start: number, end: number): Buffer {
    const part = bytes.subarray(start, end)
    const before = this.#rest
    if (!before) return part
    this.#rest = null
    return Buffer.concat([before, part])
  }

  /** Gives out what is beyond a line's length, as pieces where an engine cuts them, and answers the rest. */
  #cut(bytes: Buffer): Buffer {
    let rest = bytes
    for (let most = stampEnd(rest) + lineLimit; rest.length > most; most = stampEnd(rest) + lineLimit) {
      this.#piece(rest.subarray(0, most), false)
      rest = rest.subarray(most)
    }
    return rest
  }

  #piece(bytes: Buffer, ends: boolean): void {
    const textStart = stampEnd(bytes)
    const stamp = textStart === 0 ? '' : bytes.toString('latin1', 0, textStart - 1)
    const open = this.#open
    if (!open && ends && bytes.length - textStart <= lineLimit) {
      this.#line(stamp, bytes, textStart, bytes.length)
      return
    }
    if (open && stamp !== '' && stamp !== open.stamp) {
      // Another line: the one before was never ended, as by a process that died.
      this.#close()
      return this.#piece(bytes, ends)
    }
    const text = bytes.subarray(textStart)
    const joined = open ? Buffer.concat([open.bytes, text]) : text
    this.#open = { stamp: open?.stamp ?? stamp, bytes: this.#spill(open?.stamp ?? stamp, joined) }
    if (ends) this.#close(joined.length > 0)
  }

  /** Gives out what is beyond a line's length and answers the rest, as a copy. */
  #spill(stamp: string, bytes: Buffer): Buffer {
    let rest = bytes
    while (rest.length > lineLimit) {
      const cut = wholeCharacters(rest, lineLimit)
      this.#line(stamp, rest, 0, cut)
      rest = rest.subarray(cut)
    }
    return Buffer.from(rest)
  }

  #close(skipEmpty = true): void {
    const open = this.#open
    this.#open = null
    if (open && (open.bytes.length > 0 || !skipEmpty))
      this.#line(open.stamp, open.bytes, 0, open.bytes.length)
  }

  #line(stamp: string, bytes: Buffer, start: number, end: number): void {
    // A terminal ends its lines with both.
    const length = end > start && bytes[end - 1] === 13 ? end - 1 : end
    this.#take(stamp, this.#times.read(stamp), bytes.toString('utf8', start, length))
  }
}

/** Where the text begins after `2024-05-01T12:00:00.123Z `; 0 where there is no time stamp. */
function stampEnd(bytes: Buffer): number {
  if (bytes.length < 21 || bytes[4] !== 45 || bytes[10] !== 84 || bytes[13] !== 58) return 0
  const most = Math.min(bytes.length, stampLimit)
  for (let at = 20; at < most; at += 1) if (bytes[at] === 32) return at + 1
  return 0
}

/** The largest cut at or before `most` that does not go through a UTF-8 character. */
function wholeCharacters(bytes: Buffer, most: number): number {
  for (let cut = most; cut > most - 4; cut -= 1) {
    if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut
  }
  return most
}

/** Time stamps as milliseconds; most lines share their second with the one before. */
class StampTimes {
  #second = ''
  #base = 0

  read(stamp: string): number | null {
    if (stamp === '') return null
    const second = stamp.slice(0, 19)
    if (!stamp.endsWith('Z')) return toNull(Date.parse(stamp))
    if (second !== this.#second) {
      const base = Date.parse(`${second}Z`)
      if (!Number.isFinite(base)) return null
      this.#second = second
      this.#base = base
    }
    const fraction = /^\.\d{1,3}/.exec(stamp.slice(19, 23))
    return fraction ? this.#base + Math.floor(Number(fraction[0]) * 1000) : this.#base
  }
}

const toNull = (time: number): number | null => (Number.isFinite(time) ? time : null)
