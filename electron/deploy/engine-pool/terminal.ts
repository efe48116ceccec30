import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type Dockerode from 'dockerode'
import { AppError, type ErrorContext } from '@shared/error'
import { pause, withDeadline } from '../../engine/deadline'
import type { PoolConnection } from '../driver'
import { statusOf, toPoolError } from './error'
import { containersOf } from './read'

export interface Size {
  columns: number
  rows: number
}

export interface OpenTerminal {
  /** Both ways; destroying it ends the shell and what runs in it. */
  stream: Duplex
  resize(size: Size): Promise<void>
  /** Resolves when the shell has ended and is gone from the container; null where the engine does not tell its code. */
  exitCode(): Promise<number | null>
}

/** Where a shell may be; images without any have none of these. */
const shells = ['/bin/sh', '/bin/bash', '/usr/bin/sh', '/usr/bin/bash', '/busybox/sh', '/bin/ash']
const patience = 15_000
/** How long a shell whose output has ended may take to be gone; milliseconds. */
const grace = 2000
const mark = 'SLIPWAY_TERMINAL'

/** A shell in an instance of an engine's pool: bash where there is one, sh else. TERMINAL_FAILED, DEPLOYMENT_UNKNOWN. */
export async function openTerminal(
  connection: PoolConnection,
  id: string,
  instanceId: string,
  size: Size,
): Promise<OpenTerminal> {
  const context: ErrorContext = { side: 'pool', pool: connection.name, deployment: id }
  const containers = await containersOf(connection, id, new AbortController().signal)
  const container = containers.find((one) => one.id === instanceId)
  if (!container) throw new AppError('DEPLOYMENT_UNKNOWN', context)
  if (container.state !== 'running') {
    throw new AppError('TERMINAL_FAILED', context, {
      detail: `The instance is not running: ${container.status}`,
    })
  }
  return openShell(connection.docker, instanceId, size, context)
}

/** A shell in a container of this engine, for any driver that knows the container; TERMINAL_FAILED. */
export async function openShell(
  docker: Dockerode,
  containerId: string,
  size: Size,
  context: ErrorContext,
): Promise<OpenTerminal> {
  try {
    const shell = await shellIn(docker, containerId)
    if (shell === null) {
      throw new AppError('TERMINAL_FAILED', context, { detail: 'There is no shell in this image.' })
    }
    return await start(docker, containerId, shell, size)
  } catch (error) {
    const known = toPoolError(error, context)
    if (['TERMINAL_FAILED', 'ENGINE_STOPPED', 'ENGINE_LOST', 'ENGINE_DENIED'].includes(known.code))
      throw known
    throw new AppError('TERMINAL_FAILED', { ...context, ...known.context }, { detail: known.detail })
  }
}

async function start(
  docker: Dockerode,
  containerId: string,
  shell: string,
  size: Size,
): Promise<OpenTerminal> {
  const token = randomBytes(12).toString('hex')
  const exec = await docker.getContainer(containerId).exec({
    Cmd: [shell],
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true },
    Env: ['TERM=xterm-256color', `${mark}=${token}`],
  })
  const stream = await exec.start({ hijack: true, stdin: true, Tty: true })
  const resize = resizing(exec, stream)
  const closed = new Promise<void>((done) => stream.once('close', done))
  let ended = false
  stream.once('end', () => {
    ended = true
    stream.destroy()
  })
  // Closing the connection alone leaves the shell behind, with what runs in it.
  const code = closed.then(async () => {
    if (!ended || (await codeOf(exec, grace)) === undefined) await hangUp(docker, containerId, shell, token)
    return (await codeOf(exec, patience)) ?? null
  })
  code.catch(() => {}) // Told to who asks for it.
  await resize(size)
  return { stream, resize, exitCode: () => code }
}

function resizing(exec: Dockerode.Exec, stream: Duplex): (size: Size) => Promise<void> {
  let wanted: Size | null = null
  return async (size) => {
    wanted = size
    // An engine answers before the shell is there to be resized.
    for (let left = 20; ; left -= 1) {
      try {
        return await exec.resize({ h: size.rows, w: size.columns })
      } catch (error) {
        // Podman's word for done, which dockerode does not know.
        if (statusOf(error) === 201 || stream.destroyed || wanted !== size) return
        if (left === 0) throw toPoolError(error)
        await wait(50)
      }
    }
  }
}

/** The first shell that starts; bash where it knows of one. Null: none does. */
async function shellIn(docker: Dockerode, containerId: string): Promise<string | null> {
  for (const shell of shells) {
    const text = await run(docker, containerId, [shell, '-c', `command -v bash || echo ${mark}`])
    const bash = /^(\/[\w./-]*bash)\s*$/m.exec(text)?.[1]
    if (bash) return bash
    if (text.trim() === mark) return shell
  }
  return null
}

/** Hangs up whatever was started in the terminal: all of it carries the token in its environment. */
async function hangUp(docker: Dockerode, containerId: string, shell: string, token: string): Promise<void> {
  const found = `case "$(cat "$p/environ")" in *${mark}=${token}*)`
  const signals = 'kill -HUP "${p#/proc/}"; kill -CONT "${p#/proc/}"'
  const all = `for p in /proc/[0-9]*; do ${found} ${signals};; esac; done 2>/dev/null`
  await run(docker, containerId, [shell, '-c', all], '0')
}

/** The code of an ended command; null where it is not known any more, undefined where it still runs after that long. */
async function codeOf(exec: Dockerode.Exec, milliseconds: number): Promise<number | null | undefined> {
  const end = Date.now() + milliseconds
  for (;;) {
    try {
      const { Running, ExitCode } = await exec.inspect()
      if (!Running) return ExitCode
    } catch (error) {
      const known = toPoolError(error)
      if (known.code === 'ENGINE_STOPPED' || known.code === 'ENGINE_LOST') throw known
      return null // Gone with its container.
    }
    if (Date.now() > end) return undefined
    await wait(100)
  }
}

/** Runs a short command as `user` (empty: the container's own); at most the first 4 KiB of what it or the engine said. */
async function run(docker: Dockerode, containerId: string, command: string[], user = ''): Promise<string> {
  try {
    const exec = await docker.getContainer(containerId).exec({
      ...{ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true },
      ...(user !== '' && { User: user }),
    })
    return await withDeadline(patience, null, async (signal) => {
      const stream = await exec.start({ hijack: true, stdin: false, Tty: true })
      signal.addEventListener('abort', () => stream.destroy(), { once: true })
      let text = ''
      for await (const chunk of stream) if (text.length < 4096) text += String(chunk)
      return text
    })
  } catch (error) {
    const known = toPoolError(error)
    // How Podman says that there is no such file.
    if (known.code === 'CONTAINER_EXITED' || known.code === 'ENGINE_FAILED') return known.detail ?? ''
    throw known
  }
}

const wait = (milliseconds: number): Promise<void> => pause(milliseconds, new AbortController().signal)
