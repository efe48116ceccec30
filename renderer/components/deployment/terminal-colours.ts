/** The 16 colours of a terminal on our grounds, for logs and terminals, and colours that stay legible there. */
import type { ThemeName } from '@/theme'
import type { AnsiColour, AnsiPiece } from './ansi-text'

/** Black to white, then the bright ones; as text on the window's ground each has a contrast of 4.5:1 at least. */
export const palettes: Record<ThemeName, readonly string[]> = {
  light: [
    '#16232b',
    '#b3261e',
    '#1b6e3f',
    '#805500',
    '#1f5fb5',
    '#8a3ba0',
    '#0b6b78',
    '#5b6a73',
    '#4b5a64',
    '#c22f26',
    '#1b7a48',
    '#8f5f00',
    '#2a6ac4',
    '#9a45b0',
    '#0d7484',
    '#66757f',
  ],
  dark: [
    '#8b99a2',
    '#f0837b',
    '#55c08a',
    '#dcae4f',
    '#7db0f0',
    '#d49be6',
    '#4bb4c2',
    '#cdd7dc',
    '#94a2ab',
    '#ff9a92',
    '#73d6a3',
    '#efc670',
    '#9cc4f7',
    '#e3b5f0',
    '#6fd0dc',
    '#eef3f6',
  ],
}

type Rgb = readonly [number, number, number]

/** Relative luminance, WCAG 2.1. */
function luminance([red, green, blue]: Rgb): number {
  const part = (value: number): number => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
}

const write = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`

/** A colour moved towards the text's own until it can be read on the window's ground. */
export function legible(colour: Rgb, theme: ThemeName): Rgb {
  const isLegible = (one: Rgb): boolean =>
    theme === 'dark' ? luminance(one) >= 0.23 : luminance(one) <= 0.18
  const goal = theme === 'dark' ? 255 : 0
  let [red, green, blue] = colour
  for (let step = 0; step < 10 && !isLegible([red, green, blue]); step++) {
    const move = (value: number): number => Math.round(value + (goal - value) * 0.2)
    ;[red, green, blue] = [move(red), move(green), move(blue)]
  }
  return [red, green, blue]
}

const ofPalette = (colour: number, theme: ThemeName): string => palettes[theme][colour] ?? 'inherit'
const isNumber = (colour: AnsiColour): colour is number => typeof colour === 'number'

/** Where a text has a ground of its own, black or white is the text: what an instance chose may be unreadable. */
function onGround(ground: AnsiColour, theme: ThemeName): Record<string, string> {
  if (isNumber(ground)) return { background: ofPalette(ground, theme), color: 'var(--ground)' }
  return { background: write(ground), color: luminance(ground) > 0.18 ? '#000' : '#fff' }
}

/** Inline styles of a piece. */
export function styleOf(piece: AnsiPiece, theme: ThemeName): Record<string, string> {
  const { colour, ground } = piece
  const coloured =
    ground !== null
      ? onGround(ground, theme)
      : colour === null
        ? {}
        : { color: isNumber(colour) ? ofPalette(colour, theme) : write(legible(colour, theme)) }
  return {
    ...coloured,
    ...(piece.bold ? { fontWeight: '700' } : {}),
    ...(piece.dim ? { opacity: '0.75' } : {}),
    ...(piece.italic ? { fontStyle: 'italic' } : {}),
    ...(piece.underline || piece.struck
      ? {
          textDecoration: [piece.underline ? 'underline' : '', piece.struck ? 'line-through' : '']
            .join(' ')
            .trim(),
        }
      : {}),
  }
}
