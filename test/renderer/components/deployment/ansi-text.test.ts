import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ansiPieces, plainText } from '@/components/deployment/ansi-text'

const texts = (line: string): string[] => ansiPieces(line).map(({ text }) => text)

describe('colours', () => {
  it('of the palette, of 256 and of 16 million', () => {
    expect(ansiPieces('\x1b[31mred\x1b[0m plain')).toMatchObject([
      { text: 'red', colour: 1 },
      { text: ' plain', colour: null },
    ])
    expect(ansiPieces('\x1b[1;92mok')).toMatchObject([{ text: 'ok', colour: 10, bold: true }])
    expect(ansiPieces('\x1b[38;5;196mx')).toMatchObject([{ colour: [255, 0, 0] }])
    expect(ansiPieces('\x1b[38;5;244mx')).toMatchObject([{ colour: [128, 128, 128] }])
    expect(ansiPieces('\x1b[38;2;1;2;3mx')).toMatchObject([{ colour: [1, 2, 3] }])
  })

  it('show what an instance would hide', () => {
    expect(ansiPieces('\x1b[8msecret')).toMatchObject([{ text: 'secret', dim: true }])
  })

  it('are not drawn in a line that changes them without end', () => {
    expect(ansiPieces('\x1b[31mx\x1b[32my'.repeat(500))).toHaveLength(1)
  })
})

describe('what an escape sequence could do', () => {
  it.each([
    ['a link', '\x1b]8;;https://evil.example\x07click\x1b]8;;\x07', 'click'],
    ['the title', '\x1b]0;owned\x1b\\text', 'text'],
    ['the clipboard', '\x1b]52;c;cm0gLXJm\x07text', 'text'],
    ['moving the cursor', 'a\x1b[2J\x1b[1;1Hb', 'ab'],
    ['a question to the terminal', 'a\x1b[6n\x1b[>cb', 'ab'],
    ['a device string', 'a\x1bP1$r0m\x1b\\b', 'ab'],
    ['a character set', 'a\x1b(0b', 'ab'],
    ['one that is cut off', 'a\x1b[38;5', 'a'],
    ['one that never ends', 'a\x1b]0;title', 'a'],
    ['colours written with colons', 'a\x1b[38:2::1:2:3mb', 'ab'],
  ])('is taken: %s', (_what, line, text) => {
    expect(plainText(line)).toBe(text)
    expect(texts(line).join('')).toBe(text)
  })

  it('leaves nothing unseen: control characters become pictures, direction marks a stand-in', () => {
    expect(plainText('a\rb\x00\x7f\r')).toBe('a␍b␀␡')
    expect(plainText('a\u202eb')).toBe('a\ufffdb')
    expect(plainText('\tx')).toBe('\tx')
  })
})

it('joins to the same text as the search looks at, whatever is written', () => {
  const parts = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '\x1b[',
      '\x1b]',
      '\x1b',
      'm',
      '31',
      ';',
      '\x07',
      '\x1b\\',
      '[',
      ':',
      'é',
      '\r',
      '\x1b[0m',
    ),
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (all) => {
      const line = all.join('')
      expect(texts(line).join('')).toBe(plainText(line))
      expect(plainText(line)).not.toContain('\x1b')
    }),
    { numRuns: 2000 },
  )
})
