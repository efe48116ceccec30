import { expect, it } from 'vitest'
import { firstPlace, fitPlace } from '../../electron/window-place'

const display = { x: 0, y: 0, width: 1920, height: 1080 }
const place = { x: 100, y: 50, width: 1100, height: 700, maximized: false }

it('gives the place back where a display still shows it', () => {
  expect(fitPlace(place, [display])).toEqual(place)
})
it('centres a window whose display is gone', () => {
  expect(fitPlace({ ...place, x: 4000 }, [display])).toMatchObject({ x: null, y: null, width: 1100 })
  expect(fitPlace({ ...place, y: -500 }, [display])).toMatchObject({ x: null, y: null })
})
it('is never larger than the display', () => {
  expect(fitPlace({ ...firstPlace, width: 3000, height: 2000 }, [display])).toMatchObject({
    width: 1920,
    height: 1080,
  })
})
