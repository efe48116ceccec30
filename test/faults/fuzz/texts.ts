/** Hostile texts, JSON and bytes for every surface. */
import fc from 'fast-check'

/** Code units as they come: lone surrogates, controls, marks of direction too. */
const unit = fc.oneof(
  fc.constantFrom('\0', '\n', '\r', '\t', '\x1b', '\u202e', '\ufeff', '\ud800', '\udc00', '\u0085', '😀'),
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
)
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit }),
  fc.constantFrom('', ' ', '__proto__', 'constructor', 'toString', 'null', '1e999', '-0', '%00', '../..'),
)

/** Pieces put together at random: texts that almost fit a grammar. */
export const soup = (...pieces: string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: anyText }),
      {
        maxLength: 14,
      },
    )
    .map((parts) => parts.join(''))

/** A few pieces again and again, up to 100 kB: what is slow here is slow for ever. */
export const long = (...pieces: string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom('', ...pieces),
      fc.array(fc.constantFrom(...pieces, ' ', 'a', '\\', '"'), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', ...pieces, '!'),
    )
    .map(([start, parts, end]) => {
      const part = parts.join('')
      return `${start}${part.repeat(Math.ceil(100_000 / part.length))}${end}`
    })

/** One or two places of a text changed: taken out, put in, doubled. */
export const bentText = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(texts, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 6 }), anyText), { minLength: 1, maxLength: 2 }))
    .map(([text, changes]) =>
      changes.reduce((now, [place, length, put]) => {
        const at = now.length === 0 ? 0 : place % (now.length + 1)
        return now.slice(0, at) + (put.length > 3 ? now.slice(at, at + length) : put) + now.slice(at + length)
      }, text),
    )

/** Any JSON that a far side may send, numbers beyond all bounds and keys of prototypes included. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 1e308, -1e308, 1.5, 2 ** 53, 1e21, ''),
    fc.integer(),
    anyText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4 }),
  ),
})).value

type Table = Record<string, unknown>
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)

const deepest = 16

/** Every place below a value, as paths; a value may hold itself. */
function places(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  if (at.length > deepest) return [at]
  const below = Array.isArray(value)
    ? value.slice(0, 50).flatMap((item, index) => places(item, [...at, index]))
    : isTable(value)
      ? Object.entries(value).flatMap(([key, item]) => places(item, [...at, key]))
      : []
  return [at, ...below]
}

/** The value with the one at `path` replaced, or, with `drop`, taken out. */
function changed(value: unknown, path: readonly (string | number)[], put: unknown, drop: boolean): unknown {
  const [step, ...rest] = path
  if (step === undefined) return put
  if (Array.isArray(value)) {
    const index = Number(step)
    if (drop && rest.length === 0) return value.filter((_item, place) => place !== index)
    return value.map((item: unknown, place) => (place === index ? changed(item, rest, put, drop) : item))
  }
  if (!isTable(value)) return value
  const entries = Object.entries(value)
  if (drop && rest.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== String(step)))
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === String(step) ? changed(item, rest, put, drop) : item]),
  )
}

/** A value with one or two places that are missing, of another type, or hold anything else. */
export const bent = (
  values: fc.Arbitrary<unknown>,
  puts: fc.Arbitrary<unknown> = anyJson,
): fc.Arbitrary<unknown> =>
  fc
    .tuple(values, fc.array(fc.tuple(fc.nat(), puts, fc.boolean()), { minLength: 1, maxLength: 2 }))
    .map(([value, changes]) =>
      changes.reduce<unknown>((now, [place, put, drop]) => {
        const all = places(now)
        return changed(now, all[place % all.length] ?? [], put, drop)
      }, value),
    )

/** Bytes with flips, a cut, and a piece of themselves put elsewhere. */
export const bentBytes = (bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      bytes,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(), { freq: 3, nil: null }),
      fc.option(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 600 })), { freq: 3, nil: null }),
    )
    .map(([whole, flips, cut, splice]) => {
      let now = Buffer.from(whole)
      for (const [at, value] of flips) if (now.length > 0) now[at % now.length] = value
      if (splice && now.length > 0) {
        const [from, to, length] = splice
        const piece = now.subarray(from % now.length, (from % now.length) + length)
        now = Buffer.concat([now.subarray(0, to % now.length), piece, now.subarray(to % now.length)])
      }
      return cut === null || now.length === 0 ? now : now.subarray(0, cut % now.length)
    })

/** Bytes in pieces, cut where the places say. */
export function cutInto(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => (bytes.length === 0 ? 0 : cut % bytes.length)))].sort(
    (a, b) => a - b,
  )
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
}
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 8 })
