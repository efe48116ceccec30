/** One challenge of a WWW-Authenticate header; the scheme and the names of its parameters in lower case. */
export interface Challenge {
  scheme: string
  parameters: ReadonlyMap<string, string>
}

const tokenPattern = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const token68Pattern = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y
const quotedPattern = /"((?:[^"\\]|\\.)*)"/y
const spacePattern = /[ \t]*/y
const longest = 16_384

class Reader {
  private at = 0
  constructor(private readonly text: string) {}

  get done(): boolean {
    return this.at >= this.text.length
  }
  /** The match at this place, which is then passed; null leaves the place as it was. */
  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (match) this.at = pattern.lastIndex
    return match
  }
  space(): void {
    this.take(spacePattern)
  }
  sign(sign: string): boolean {
    if (this.text[this.at] !== sign) return false
    this.at += 1
    return true
  }
  mark(): () => void {
    const at = this.at
    return () => (this.at = at)
  }
  skip(): void {
    this.at += 1
  }
}

/**
 * Splits a WWW-Authenticate header into its challenges by the grammar of RFC 9110, 11.2 and 11.6.1: several in one header,
 * parameters in any order, quoted commas. What does not fit the grammar is passed over.
 */
export function parseChallenges(header: string): Challenge[] {
  const reader = new Reader(header.slice(0, longest))
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  while (!reader.done) {
    reader.space()
    if (reader.sign(',')) continue
    const parameter = readParameter(reader)
    if (parameter) {
      // The first of a name counts: a second realm must not replace the one that was judged.
      const current = challenges.at(-1)?.parameters
      if (current && !current.has(parameter.name)) current.set(parameter.name, parameter.value)
      continue
    }
    const scheme = reader.take(tokenPattern)?.[0]
    if (scheme === undefined) {
      reader.skip()
      continue
    }
    challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
    skipToken68(reader)
  }
  return challenges
}

function readParameter(reader: Reader): { name: string; value: string } | null {
  const back = reader.mark()
  const name = reader.take(tokenPattern)?.[0]
  if (name !== undefined) {
    reader.space()
    if (reader.sign('=')) {
      reader.space()
      const quoted = reader.take(quotedPattern)
      const value = quoted ? (quoted[1] ?? '').replace(/\\(.)/g, '$1') : reader.take(tokenPattern)?.[0]
      if (value !== undefined) return { name: name.toLowerCase(), value }
    }
  }
  back()
  return null
}

/** `Negotiate YII=`: one token68 in place of parameters. A single word before a comma is one, unless `=` follows. */
function skipToken68(reader: Reader): void {
  const back = reader.mark()
  reader.space()
  if (readParameter(reader)) return back()
  if (!reader.take(token68Pattern)) back()
}

/** The challenge that we answer: Bearer before Basic; every other scheme is passed over. Null where there is none. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | null {
  const bearer = challenges.find((each) => each.scheme === 'bearer' && each.parameters.has('realm'))
  return bearer ?? challenges.find((each) => each.scheme === 'basic') ?? null
}
