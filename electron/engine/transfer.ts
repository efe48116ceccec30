import type { IncomingMessage } from 'node:http'
import { AppError, type ErrorContext } from '@shared/error'
import { fromText, toEngineError } from './error'
import { JsonObjects } from './json-stream'
import { failureOf, lineOf, readMessage, type Message } from './message'
import type { Veil } from '../veil'

export interface TransferStream {
  /** Starts the request and answers the engine's stream. */
  open: (signal: AbortSignal) => Promise<NodeJS.ReadableStream>
  signal: AbortSignal
  context: ErrorContext
  /** Has what the request carried as a secret: neither a line nor an error says it. */
  veil: Veil
  onMessage: (message: Message) => void
  /** After each chunk's messages. */
  onChunk: () => void
  onLog: (line: string) => void
}

/**
 * Runs a push or a pull to the end of its stream. Rejects with CANCELLED once the signal fires: the request is then
 * destroyed, on which the engine ends the transfer. Rejects with what the engine reports in-band, and with ENGINE_LOST where
 * the stream is cut.
 */
export async function runTransfer(options: TransferStream): Promise<void> {
  const { signal, context, veil } = options
  let stream: NodeJS.ReadableStream | null = null
  const cancel = (): void => destroy(stream)
  if (signal.aborted) throw cancelled(context)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    stream = await options.open(signal)
    if (signal.aborted) destroy(stream)
    keepAlive(stream)
    await read(stream, options)
  } catch (error) {
    // Whatever was thrown, the engine is not to go on behind our back.
    destroy(stream)
    throw signal.aborted ? cancelled(context) : veil.coverError(toEngineError(error, context))
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  if (signal.aborted) throw cancelled(context)
}

/**
 * Options for dockerode that make a request of this query and nothing else. It would send them as a body as well, which
 * neither engine reads; and before its body is read, Go does not notice that a client is gone: Podman would go on pushing.
 */
export function withoutBody(query: Record<string, string>): {
  _query: Record<string, string>
  _body: Record<string, never>
} {
  return { _query: query, _body: {} }
}

async function read(stream: NodeJS.ReadableStream, options: TransferStream): Promise<void> {
  const objects = new JsonObjects()
  const said = new Map<string, string>()
  for await (const chunk of stream) {
    for (const value of objects.push(toBuffer(chunk))) {
      const message = readMessage(value)
      log(message, said, (line) => options.onLog(options.veil.cover(line)))
      const failure = failureOf(message)
      if (failure !== null) throw fromText(failure, null, options.context)
      options.onMessage(message)
    }
    options.onChunk()
  }
  objects.end()
}

/** A layer's line is printed when its status changes, not at every step of its bar. */
function log(message: Message, said: Map<string, string>, onLog: (line: string) => void): void {
  const line = lineOf(message)
  if (line === null) return
  const id = message.id ?? ''
  if (id !== '' && said.get(id) === message.status) return
  if (id !== '') said.set(id, message.status ?? '')
  onLog(line)
}

function cancelled(context: ErrorContext): AppError {
  return new AppError('CANCELLED', { side: 'engine', ...context })
}

function destroy(stream: NodeJS.ReadableStream | null): void {
  if (stream && isMessage(stream)) stream.destroy()
}

/** A push is silent for long at times; a remote engine that lost its power is noticed by TCP itself. */
function keepAlive(stream: NodeJS.ReadableStream): void {
  if (isMessage(stream)) stream.socket.setKeepAlive(true, 15_000)
}

function isMessage(stream: NodeJS.ReadableStream): stream is IncomingMessage {
  return 'socket' in stream && 'destroy' in stream
}

function toBuffer(chunk: string | Buffer): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
