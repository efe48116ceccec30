/** A program looked at from outside: what goes between its processes, what it starts, and what stays in its window. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Journey } from './journey'

/** `ask` goes in, `answer` and `event` go out to the window; `child` is a process that was started, with its environment. */
export interface Message {
  way: 'ask' | 'answer' | 'event' | 'child'
  name: string
  text: string
}

/** Written as plain JavaScript: it runs in Electron's main process before the program, and notes what passes. */
const prelude = (file: string): string => `
const { app, ipcMain } = require('electron')
const { appendFileSync } = require('node:fs')
const { ChildProcess } = require('node:child_process')
const note = (way, name, body) =>
  appendFileSync(${JSON.stringify(file)}, JSON.stringify({ way, name, text: JSON.stringify(body) ?? '' }) + '\\n')
const handle = ipcMain.handle.bind(ipcMain)
ipcMain.handle = (channel, listener) =>
  handle(channel, async (event, ...input) => {
    const name = channel + ' ' + String(input[0])
    note('ask', name, input)
    const answer = await listener(event, ...input)
    note('answer', name, answer)
    return answer
  })
app.on('web-contents-created', (_event, contents) => {
  const send = contents.send.bind(contents)
  contents.send = (channel, ...body) => {
    note('event', channel, body)
    send(channel, ...body)
  }
})
const spawn = ChildProcess.prototype.spawn
ChildProcess.prototype.spawn = function (options) {
  note('child', options.file, { args: options.args, environment: options.envPairs })
  return spawn.call(this, options)
}
`

/** Writes the script for \`ProgramOptions.prelude\`; what it notes is read by \`messages\`. */
export function writePrelude(script: string, file: string): void {
  writeFileSync(file, '')
  writeFileSync(script, prelude(file))
}

export const messages = (file: string): Message[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Message)

export interface ProcessWatch {
  /** Command line and environment of each process that was seen, once each. */
  seen: Map<number, string>
  stop(): void
}

/** Looks again and again at a process and all below it. */
export function watchProcesses(root: number): ProcessWatch {
  const seen = new Map<number, string>()
  const look = (): void => {
    for (const pid of below(root)) {
      const text = ['cmdline', 'environ'].map((name) => readOrNothing(`/proc/${pid}/${name}`)).join('\n')
      if (text.length > (seen.get(pid) ?? '').length) seen.set(pid, text)
    }
  }
  look()
  const timer = setInterval(look, 200)
  return {
    seen,
    stop() {
      look()
      clearInterval(timer)
    },
  }
}

/** A process and those that it has started, and theirs. */
function below(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readOrNothing(`/proc/${name}/stat`)
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2]))
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || (pid > 1 && isBelow(parents.get(pid))))
  return [...parents.keys()].filter(isBelow)
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // It has ended meanwhile.
  }
}

/** What the window keeps beyond a page: its storages, its title, and the clipboard. */
export async function keptByWindow(journey: Journey): Promise<string> {
  const page = await journey.page.evaluate(async () => {
    const bases = await indexedDB.databases()
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, bases, document.title, location.href])
  })
  const outside = await journey.app.evaluate(({ BrowserWindow, clipboard }) => [
    ...BrowserWindow.getAllWindows().map((window) => window.getTitle()),
    clipboard.readText(),
  ])
  return [page, ...outside].join('\n')
}
