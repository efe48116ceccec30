import { request } from 'node:http'
import type { Readable } from 'node:stream'

export interface EngineAnswer {
  status: number
  text: string
}

/**
 * One request to an engine's API at `host` (unix:// or tcp://), for setting up and checking. An object as body is sent
 * as JSON, a buffer or a stream as a tar.
 */
export function engineRequest(
  host: string,
  method: string,
  path: string,
  body?: object | Buffer | Readable,
  extraHeaders: Record<string, string> = {},
): Promise<EngineAnswer> {
  const url = new URL(host)
  const target =
    url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port }
  return new Promise((done, fail) => {
    const isTar = Buffer.isBuffer(body) || isReadable(body)
    const headers = { ...extraHeaders }
    if (body !== undefined) headers['content-type'] = isTar ? 'application/x-tar' : 'application/json'
    const call = request({ ...target, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => {
        done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      })
    })
    call.on('error', fail)
    if (isReadable(body)) body.pipe(call)
    else if (Buffer.isBuffer(body)) call.end(body)
    else call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** As `engineRequest`, but fails with the engine's words on a status of 400 or more or on an error in its stream. */
export async function engineDemand(
  host: string,
  method: string,
  path: string,
  body?: object | Buffer | Readable,
): Promise<string> {
  const { status, text } = await engineRequest(host, method, path, body)
  if (status >= 400 || text.includes('"errorDetail"')) throw new Error(`${method} ${path}: ${status} ${text}`)
  return text
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}
