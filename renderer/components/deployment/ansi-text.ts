/** What a container wrote, as text that can be shown: colours kept, every other power of an escape sequence taken. */
import Anser from 'anser'

/** One of the 16 colours of a terminal by its number, or red, green and blue. */
export type AnsiColour = number | readonly [number, number, number]

export interface AnsiPiece {
  text: string
  colour: AnsiColour | null
  ground: AnsiColour | null
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  struck: boolean
}

/** Links, titles, the clipboard (OSC), and what a device may be told (DCS, SOS, PM, APC); also where the end was cut off. */
const strings = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)/g
/** Control sequences but plain SGR: cursor, screen, modes, and colours written with colons. */
const controls = /\x1b\[[0-?]*[ -/]*(?:[@-ln-~]|$)|\x1b\[(?![0-9;]*m)[0-?]*[ -/]*m/g
/** What has two or three bytes: character sets, resets, and an escape that nothing follows. */
const short = /\x1b(?:[ -/]+[0-~]|[0-Z\\^-~]|$)/g
const unseen = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f]/g
/** C1 controls, and what would turn the direction of the text around it. */
const turning = /[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const sgr = /\x1b\[[0-9;]*m/g
const strayEscape = /\x1b(?!\[[0-9;]*m)/g

/** Nothing is left out silently: a control character is shown by its picture (␀ … ␡). */
const picture = (character: string): string =>
  character === '\x7f' ? '␡' : String.fromCharCode(0x2400 + character.charCodeAt(0))

function withoutPowers(text: string): string {
  return text
    .replace(/\r+$/, '')
    .replace(strings, '')
    .replace(controls, '')
    .replace(short, '')
    .replace(strayEscape, '')
    .replace(unseen, picture)
    .replace(turning, '\ufffd')
}

/** The text alone, for the search. */
export function plainText(text: string): string {
  const clean = withoutPowers(text)
  return clean.includes('\x1b') ? clean.replace(sgr, '') : clean
}

/** Changes of look in one line beyond which it is shown plain: they cost more than they say. */
const mostChanges = 400

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

function colourOf(name: string | null, truecolor: string | null): AnsiColour | null {
  if (!name) return null
  if (name === 'ansi-truecolor') return rgbOf(truecolor ?? '')
  const palette = /^ansi-palette-(\d+)$/.exec(name)
  if (palette) return paletteColour(Number(palette[1]))
  const [, bright, base = ''] = /^ansi-(bright-)?(\w+)$/.exec(name) ?? []
  const at = names.indexOf(base)
  return at < 0 ? null : at + (bright ? 8 : 0)
}

function rgbOf(text: string): AnsiColour | null {
  const [red, green, blue] = text.split(',').map(Number)
  const isPart = (part: number | undefined): part is number => part !== undefined && part >= 0 && part <= 255
  return isPart(red) && isPart(green) && isPart(blue) ? [red, green, blue] : null
}

/** xterm's 256 colours: 16 of the palette, a cube of 6×6×6, and 24 greys. */
function paletteColour(number: number): AnsiColour | null {
  if (number < 16) return number
  if (number > 255) return null
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10
    return [grey, grey, grey]
  }
  const part = (value: number): number => (value === 0 ? 0 : 55 + value * 40)
  const at = number - 16
  return [part(Math.floor(at / 36)), part(Math.floor(at / 6) % 6), part(at % 6)]
}

const plain = (text: string): AnsiPiece => ({
  text,
  colour: null,
  ground: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  struck: false,
})

/** A line in pieces of one look each; joined they are `plainText` of the line. Hidden text is shown. */
export function ansiPieces(line: string): AnsiPiece[] {
  const clean = withoutPowers(line)
  if (!clean.includes('\x1b')) return clean === '' ? [] : [plain(clean)]
  if ((clean.match(sgr)?.length ?? 0) > mostChanges) return [plain(clean.replace(sgr, ''))]
  return Anser.ansiToJson(clean, { json: true, use_classes: true, remove_empty: true }).flatMap((entry) => {
    const text = entry.content
    if (text === '') return []
    const has = (name: string): boolean => entry.decorations.some((one) => one === name)
    const colour = colourOf(entry.fg, entry.fg_truecolor)
    const ground = colourOf(entry.bg, entry.bg_truecolor)
    return [
      {
        text,
        colour: has('reverse') ? (ground ?? 0) : colour,
        ground: has('reverse') ? (colour ?? 7) : ground,
        bold: has('bold'),
        dim: has('dim') || has('hidden'),
        italic: has('italic'),
        underline: has('underline'),
        struck: has('strikethrough'),
      },
    ]
  })
}
