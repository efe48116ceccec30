import { spawn } from 'node:child_process'
import { Stop } from './child.mjs'

/** Tells whether this session has a screen to open a window on. */
export function hasScreen() {
  if (process.platform !== 'linux') return true
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

/** Starts Xvfb on a free display number; resolves with its `name`, say ":3", and `stop()`. */
export async function startVirtualDisplay(size = '1280x800') {
  const args = ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-noreset']
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true })
  const name = await new Promise((done, fail) => {
    let text = ''
    child.on('error', (error) => fail(new Stop(`Xvfb does not start: ${error.message}`)))
    child.on('exit', (code) => fail(new Stop(`Xvfb ended with code ${code}`)))
    child.stdio[3].on('data', (chunk) => {
      text += chunk
      if (text.includes('\n')) done(`:${text.trim()}`)
    })
  })
  const stop = () => child.kill()
  process.once('exit', stop)
  return { name, stop }
}
