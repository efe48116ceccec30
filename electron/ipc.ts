/**
 * The one door between the window and the main process. A call is answered only when it comes from our own window's main
 * frame and its input parses; whatever is thrown behind it becomes an ErrorInfo.
 */
import type { IpcMainInvokeEvent, WebContents } from 'electron'
import type { z } from 'zod'
import { calls, events, type CallName, type Emit, type Handlers, type Result } from '@shared/contract'
import { AppError, toAppError } from '@shared/error'
import type { Door } from './gate'
import type { Log } from './log'

export interface DoorOptions {
  handlers: Handlers
  /** Our window's contents, or null while there is none. */
  contents: () => WebContents | null
  /** Whether a frame's address is our own page. */
  isOwnPage: (url: string) => boolean
  /** Outputs and events are parsed too: on in development and tests. */
  strict: boolean
  log: Log
}

const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(calls, name)

/** What is said about an input is bounded, since keys of it are in there. */
const wordLimit = 500

/** Parses an input or throws INPUT_INVALID with the path of the first field that is wrong, never with its value. */
function parseInput(schema: z.ZodType, input: unknown): unknown {
  let issue: z.core.$ZodIssue | undefined
  try {
    const parsed = schema.safeParse(input)
    if (parsed.success) return parsed.data
    issue = parsed.error.issues[0]
  } catch {
    // An input of another form may hold anything as its length or its constructor, which the library believes: refused as well.
  }
  throw new AppError(
    'INPUT_INVALID',
    { side: 'program', field: issue?.path.join('.').slice(0, wordLimit) ?? '' },
    { detail: issue?.message.slice(0, wordLimit) ?? null },
  )
}

function isTrustedSender(event: IpcMainInvokeEvent, options: DoorOptions): boolean {
  const contents = options.contents()
  const frame = event.senderFrame
  return (
    contents !== null &&
    event.sender === contents &&
    frame !== null &&
    frame === contents.mainFrame &&
    options.isOwnPage(frame.url)
  )
}

/** Answers one call of the window; separate from `openDoor` so that it is tested without Electron. */
export async function answer(
  name: unknown,
  input: unknown,
  options: Pick<DoorOptions, 'handlers' | 'strict' | 'log'>,
): Promise<Result<unknown>> {
  try {
    if (!isCallName(name)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'name' })
    const handler = options.handlers[name] as (input: unknown) => unknown
    const value = await handler(parseInput(calls[name].input, input))
    if (options.strict) (calls[name].output as z.ZodType).parse(value)
    return { ok: true, value }
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.code === 'INTERNAL')
      options.log.error('call failed', { call: String(name), stack: stackOf(thrown) })
    return { ok: false, error: error.toInfo() }
  }
}

const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)

/** Answers the window's calls, and nobody else's. */
export function createDoor(options: DoorOptions): Door {
  return (event, name, input) => {
    if (isTrustedSender(event, options)) return answer(name, input, options)
    options.log.warn('a call from another page was refused', { url: event.senderFrame?.url ?? '' })
    return Promise.resolve({ ok: false, error: new AppError('DENIED', { side: 'program' }).toInfo() })
  }
}

/** The function by which services tell the window of a change; nothing is kept for a window that is not there. */
export function createEmit(options: Pick<DoorOptions, 'contents' | 'strict' | 'log'>): Emit {
  return (name, payload) => {
    if (options.strict) {
      const parsed = (events[name] as z.ZodType).safeParse(payload)
      if (!parsed.success) {
        options.log.error('an event does not match the contract', {
          event: name,
          detail: parsed.error.message,
        })
        throw parsed.error
      }
    }
    const contents = options.contents()
    if (contents && !contents.isDestroyed()) contents.send(`slipway:event:${name}`, payload)
  }
}
