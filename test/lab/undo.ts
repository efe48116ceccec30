import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Writable } from 'node:stream'

export interface Undo {
  /** To be called once the thing has been undone in the ordinary way. */
  done(): void
}

let watchdog: ChildProcess | undefined
let count = 0

/**
 * Registers a command that takes something of ours off the machine again. It runs when this process ends without having
 * called `done()`, however it ends: a small watchdog process, told over a pipe, outlives even `kill -9`. The commands
 * run newest first.
 */
export function undoLater(command: string[]): Undo {
  const pipe = watch()
  const id = (count += 1)
  pipe.write(`${JSON.stringify({ id, command })}\n`)
  return { done: () => void pipe.write(`${JSON.stringify({ id })}\n`) }
}

function watch(): Writable {
  if (watchdog === undefined) {
    const script = fileURLToPath(new URL('watchdog.mjs', import.meta.url))
    // In a session of its own, so that the Ctrl+C that ends us leaves it alive to do its work.
    watchdog = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
    watchdog.unref()
  }
  const pipe = watchdog.stdin
  if (pipe === null) throw new Error('the watchdog has no input')
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
  return pipe
}
