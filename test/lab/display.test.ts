import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startDisplay } from './display'

it('displays get numbers of their own and give them back', async () => {
  const displays = await Promise.all([startDisplay(), startDisplay({ width: 1100, height: 700 })])
  const sockets = displays.map(({ name }) => `/tmp/.X11-unix/X${name.slice(1)}`)
  expect(new Set(sockets).size).toBe(2)
  expect(sockets.map(existsSync)).toEqual([true, true])
  await Promise.all(displays.map((display) => display.stop()))
  expect(sockets.map(existsSync)).toEqual([false, false])
})
