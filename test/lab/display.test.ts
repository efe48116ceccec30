import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startDisplay } from './display'

/** Which socket a display has at the moment, or null. */
function socketOf(name: string): string | null {
  const socket = statSync(`/tmp/.X11-unix/X${name.slice(1)}`, { throwIfNoEntry: false, bigint: true })
  return socket ? `${socket.ino} of ${socket.birthtimeNs}` : null
}

it('displays get numbers of their own and give them back', async () => {
  const displays = await Promise.all([startDisplay(), startDisplay({ width: 1100, height: 700 })])
  const sockets = displays.map(({ name }) => socketOf(name))
  expect(sockets).not.toContain(null)
  expect(new Set(sockets).size).toBe(2)
  await Promise.all(displays.map((display) => display.stop()))
  // Somebody else may have these numbers by now.
  displays.forEach(({ name }, index) => expect(socketOf(name)).not.toBe(sockets[index]))
})
