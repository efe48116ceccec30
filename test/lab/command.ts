import { spawn } from 'node:child_process'

export interface CommandOptions {
  input?: string | Buffer
  env?: NodeJS.ProcessEnv
}

/** Runs a program to its end and resolves with its stdout; rejects with its stderr when it fails. */
export function runCommand(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env: options.env, stdio: 'pipe' })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.stdin.on('error', () => {}) // It ended before it read: its exit code tells.
    child.stdin.end(options.input)
    child.on('error', (error) => fail(new Error(`${command}: ${error.message}`)))
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(out).toString())
      else
        fail(new Error(`${command} ${args.join(' ')}: code ${code}: ${Buffer.concat(err).toString().trim()}`))
    })
  })
}
