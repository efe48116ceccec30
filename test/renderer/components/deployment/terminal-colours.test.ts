import { describe, expect, it } from 'vitest'
import { ansiPieces } from '@/components/deployment/ansi-text'
import { legible, palettes, styleOf } from '@/components/deployment/terminal-colours'

type Rgb = readonly [number, number, number]
function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (a: Rgb, b: Rgb): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}
const fromHex = (hex: string): Rgb => {
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16)
  return [part(1), part(3), part(5)]
}
const grounds = { light: fromHex('#ffffff'), dark: fromHex('#13191d') }

describe.each(['light', 'dark'] as const)('on the %s ground', (theme) => {
  it.each(palettes[theme].map((hex, index) => [index, hex] as const))(
    'colour %i can be read',
    (_index, hex) => {
      expect(contrast(fromHex(hex), grounds[theme])).toBeGreaterThanOrEqual(4.5)
    },
  )

  it.each([[[0, 0, 0]], [[255, 255, 255]], [[0, 0, 255]], [[255, 255, 0]], [[19, 25, 29]]] as [Rgb][])(
    'what an instance chose (%s) can be read',
    (colour) => {
      expect(contrast(legible(colour, theme), grounds[theme])).toBeGreaterThanOrEqual(4)
    },
  )
})

it('gives text on a ground of its own black or white', () => {
  const [white] = ansiPieces('\x1b[38;2;255;255;255;48;2;255;255;255mx')
  expect(white && styleOf(white, 'light')).toMatchObject({ color: '#000', background: 'rgb(255 255 255)' })
})

it('inverts', () => {
  const [piece] = ansiPieces('\x1b[31;7mx')
  expect(piece && styleOf(piece, 'dark')).toMatchObject({ background: palettes.dark[1] })
})
