import { StringDecoder } from 'node:string_decoder'
import { AppError } from '@shared/error'

/** One object of an engine's stream may be this long, in UTF-16 units; the longest real ones are a few KB. */
export const objectLimit = 1024 * 1024

/**
 * Cuts an engine's stream of JSON objects into the objects, whatever stands between them (line feeds, CRLF, nothing) and
 * wherever its chunks are cut, inside a UTF-8 sequence too.
 */
export class JsonObjects {
  readonly #decoder = new StringDecoder('utf8')
  #text = ''
  /** How far `#text` has been looked at, and what stood there. */
  #at = 0
  #depth = 0
  #inString = false
  #escaped = false

  /** The objects that this chunk completes. Throws ENGINE_FAILED on text that is no JSON object or never ends. */
  push(chunk: Buffer): unknown[] {
    this.#text += this.#decoder.write(chunk)
    const objects: unknown[] = []
    let start = 0
    for (; this.#at < this.#text.length; this.#at += 1) {
      if (this.#depth === 0) {
        start = this.#skip(start)
        if (this.#at >= this.#text.length) break
      }
      if (this.#step(this.#text.charCodeAt(this.#at))) {
        objects.push(parse(this.#text.slice(start, this.#at + 1)))
        start = this.#at + 1
      }
    }
    this.#text = this.#text.slice(start)
    this.#at -= start
    if (this.#text.length > objectLimit) throw failure('The engine sent an object without end.')
    return objects
  }

  /** To be called when the stream has ended; throws ENGINE_LOST where it ended inside an object. */
  end(): void {
    if (this.#text.trim() !== '') {
      throw new AppError('ENGINE_LOST', { side: 'engine' }, { detail: 'The engine stopped in mid-sentence.' })
    }
  }

  /** Moves over white space between objects; anything else than an object there is an error. */
  #skip(start: number): number {
    let first = Math.max(start, this.#at)
    while (first < this.#text.length && isSpace(this.#text.charCodeAt(first))) first += 1
    this.#at = first
    if (first < this.#text.length && this.#text[first] !== '{') {
      throw failure(
        `The engine sent something else than its messages: ${this.#text.slice(first, first + 200)}`,
      )
    }
    return first
  }

  /** Takes one character; true when it closes the outermost object. */
  #step(code: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (code === backslash) this.#escaped = true
      else if (code === quote) this.#inString = false
    } else if (code === quote) this.#inString = true
    else if (code === openBrace) this.#depth += 1
    else if (code === closeBrace) this.#depth -= 1
    return this.#depth === 0 && !this.#inString && code === closeBrace
  }
}

const quote = 34
const backslash = 92
const openBrace = 123
const closeBrace = 125

const isSpace = (code: number): boolean => code === 10 || code === 13 || code === 32 || code === 9

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail: text.slice(0, 500), cause: error })
  }
}

function failure(detail: string): AppError {
  return new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })
}
