import { spawn } from 'node:child_process'
import { undoLater } from './undo'

export interface Display {
  /** Say ":7". */
  name: string
  env: { DISPLAY: string }
  /** Whether it is one of ours, without a graphics card behind it. */
  virtual: boolean
  stop(): Promise<void>
}

export interface DisplayOptions {
  width?: number
  height?: number
  /** Use the display that the environment names, if it names one. */
  existing?: boolean
}

/** Starts Xvfb on a display number that is free, 1920x1080 when not told otherwise. */
export async function startDisplay(options: DisplayOptions = {}): Promise<Display> {
  const named = process.env.DISPLAY
  if (options.existing && named) {
    return { name: named, env: { DISPLAY: named }, virtual: false, stop: async () => {} }
  }
  const screen = `${options.width ?? 1920}x${options.height ?? 1080}x24`
  const args = ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-noreset']
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true })
  const ended = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()))
  const name = await new Promise<string>((done, fail) => {
    let text = ''
    child.once('error', (error) => fail(new Error(`Xvfb does not start: ${error.message}`)))
    child.once('exit', (code) => fail(new Error(`Xvfb ended with code ${code}`)))
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) done(`:${text.trim()}`)
    })
  })
  child.unref()
  const undo = undoLater(['kill', '-KILL', String(child.pid)])
  return {
    name,
    env: { DISPLAY: name },
    virtual: true,
    async stop() {
      child.ref()
      child.kill()
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
      await ended
      clearTimeout(timer)
      undo.done()
    },
  }
}
