/** Where the window was: remembered in `window.json`, and given back only where a display still shows it. */
import { z } from 'zod'

export const WindowPlace = z.object({
  x: z.number().int().nullable(),
  y: z.number().int().nullable(),
  width: z.number().int().min(200).max(20_000),
  height: z.number().int().min(200).max(20_000),
  maximized: z.boolean(),
})
export type WindowPlace = z.infer<typeof WindowPlace>

export interface Area {
  x: number
  y: number
  width: number
  height: number
}

export const firstPlace: WindowPlace = { x: null, y: null, width: 1280, height: 800, maximized: false }

/** The place to open at: no larger than the display, and centred (x and y null) when 100 px of it would not be seen. */
export function fitPlace(place: WindowPlace, displays: readonly Area[]): WindowPlace {
  const { x, y } = place
  const on =
    x === null || y === null
      ? undefined
      : displays.find(
          (area) =>
            x + place.width > area.x + 100 &&
            x < area.x + area.width - 100 &&
            y >= area.y - 10 &&
            y < area.y + area.height - 100,
        )
  const area = on ?? displays[0]
  return {
    x: on ? x : null,
    y: on ? y : null,
    width: area ? Math.min(place.width, area.width) : place.width,
    height: area ? Math.min(place.height, area.height) : place.height,
    maximized: place.maximized,
  }
}
