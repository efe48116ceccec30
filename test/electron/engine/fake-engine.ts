import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface FakeEngine {
  /** unix:// and the socket's path. */
  host: string
  /** Method and path of every request, the body's bytes and the headers. */
  requests: { line: string; headers: IncomingMessage['headers']; body: string }[]
  /** Answers by the start of `GET /path`; may be changed at any time. */
  answers: Record<string, Answer>
}

export const json =
  (value: unknown, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

/** Messages of a stream, one line each. */
export const stream =
  (...messages: object[]): Answer =>
  (_request, response) =>
    response.writeHead(200).end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))

const version = {
  Version: '99.0',
  Os: 'linux',
  Arch: 'riscv64',
  Components: [{ Name: 'Engine', Version: '99.0' }],
}

/** An engine that answers what a test wants, for what a real one cannot be made to do. */
export async function startFakeEngine(answers: Record<string, Answer> = {}): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'slw-fake-'))
  const path = join(folder, 'engine.sock')
  const engine: FakeEngine = {
    host: `unix://${path}`,
    requests: [],
    answers: {
      'GET /_ping': (_request, response) => response.end('OK'),
      'GET /version': json(version),
      'GET /events': (_request, response) => response.writeHead(200).flushHeaders(),
      'GET /images/json': json([]),
      ...answers,
    },
  }
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    const seen = { line, headers: request.headers, body: '' }
    engine.requests.push(seen)
    request.on('data', (chunk: Buffer) => (seen.body += chunk.toString()))
    const key = Object.keys(engine.answers).find((start) => line.startsWith(start))
    const answer = key === undefined ? json({ message: `page not found: ${line}` }, 404) : engine.answers[key]
    answer?.(request, response)
  })
  await new Promise<void>((done) => server.listen(path, done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return engine
}
