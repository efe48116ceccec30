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

interface HeapSnapshot {
  snapshot: { meta: { node_fields: string[]; edge_fields: string[]; edge_types: [string[], ...unknown[]] } }
  nodes: number[]
  edges: number[]
  strings: string[]
}

/**
 * All texts that JavaScript holds in the window once what nobody needs has been let go. Left out is what only Chromium itself
 * holds: the value of a field that was on the page stays in its own memory for a while, out of every script's reach.
 */
export async function heapOf(journey: Journey): Promise<string> {
  const session = await journey.page.context().newCDPSession(journey.page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await session.send('HeapProfiler.enable')
  for (let time = 0; time < 3; time += 1) await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  return heldTexts(JSON.parse(chunks.join('')) as HeapSnapshot)
}

/** The names of all nodes that are reached from the root by strong edges. */
function heldTexts({ snapshot: { meta }, nodes, edges, strings }: HeapSnapshot): string {
  const [width, span] = [meta.node_fields.length, meta.edge_fields.length]
  const [name, edgeCount] = [meta.node_fields.indexOf('name'), meta.node_fields.indexOf('edge_count')]
  const [kind, target] = [meta.edge_fields.indexOf('type'), meta.edge_fields.indexOf('to_node')]
  const weak = meta.edge_types[0].indexOf('weak')
  const named = ['property', 'internal', 'shortcut'].map((one) => meta.edge_types[0].indexOf(one))
  /** Of the text that a regular expression looked at last V8 itself keeps hold, in each of its worlds. */
  const isLastMatch = (edge: number): boolean =>
    named.includes(edges[edge + kind] ?? 0) &&
    strings[edges[edge + meta.edge_fields.indexOf('name_or_index')] ?? 0] === 'regexp_last_match_info'
  const nameOf = (node: number): string => strings[nodes[node + name] ?? 0] ?? ''
  const firstEdge = new Map<number, number>()
  for (let node = 0, edge = 0; node < nodes.length; node += width) {
    firstEdge.set(node, edge)
    edge += (nodes[node + edgeCount] ?? 0) * span
  }
  const reached = new Set([0])
  for (const node of reached) {
    if (nameOf(node) === '(External strings)') continue
    const from = firstEdge.get(node) ?? 0
    for (let edge = from; edge < from + (nodes[node + edgeCount] ?? 0) * span; edge += span)
      if (edges[edge + kind] !== weak && !isLastMatch(edge)) reached.add(edges[edge + target] ?? 0)
  }
  return [...new Set([...reached].map(nameOf))].join('\n')
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
