import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { root } from './place.mjs'

// A terminal sends Ctrl+C to us and to what we run alike: passing it on would make it two.
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']
const pass = (child, name) => (name === 'SIGINT' && process.stdin.isTTY) || child.kill(name)

/**
 * Runs a command in the project's root and resolves with its exit code (127 when it cannot be started, 128 + signal
 * when it was killed) and, with `quiet`, its output as text. Signals that reach us are passed on to it.
 */
export function run(command, args, { env = process.env, cwd = root, quiet = false, input, signal } = {}) {
  return new Promise((done) => {
    const stdin = input === undefined ? (quiet ? 'ignore' : 'inherit') : 'pipe'
    const stdout = quiet ? 'pipe' : 'inherit'
    const child = spawn(command, args, { cwd, env, stdio: [stdin, stdout, stdout], signal })
    let output = ''
    const listeners = forwarded.map((name) => [name, () => pass(child, name)])
    for (const [name, listener] of listeners) process.on(name, listener)
    const finish = (code) => {
      for (const [name, listener] of listeners) process.off(name, listener)
      done({ code, output })
    }
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.stdin?.end(input)
    child.on('error', (error) => {
      output += error.message
      if (child.pid === undefined) finish(127)
    })
    child.on('close', (code, name) => finish(code ?? 128 + (constants.signals[name] ?? 0)))
  })
}

/** Arguments for Node that run an executable of an installed npm package, say `tool('vitest')`. */
export function tool(name, packageName = name) {
  const folder = join(root, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return [join(folder, typeof bin === 'string' ? bin : bin[name])]
}

/** Runs an npm command; the npm that started us is used again, so its configuration applies. */
export function npm(args, options) {
  const own = process.env.npm_execpath
  if (own?.endsWith('.js')) return run(process.execPath, [own, ...args], options)
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options)
}

/** Ends this process with a message for a person, in one line each. */
export class Stop extends Error {
  constructor(message, code = 1) {
    super(message)
    this.code = code
  }
}
