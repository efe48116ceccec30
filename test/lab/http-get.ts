import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

export interface HttpAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface HttpOptions {
  method?: string
  headers?: Record<string, string>
  /** PEM text of the authority to trust. */
  ca?: string
  body?: string | Buffer
}

/** One HTTP request on a connection of its own, for looking at what a registry answers without our client. */
export function httpGet(
  url: string,
  { method = 'GET', headers, ca, body }: HttpOptions = {},
): Promise<HttpAnswer> {
  const options = { method, headers, ca, agent: false }
  return new Promise((done, fail) => {
    const call = (url.startsWith('https:') ? secure : plain)(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        done({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    call.on('error', fail)
    call.end(body)
  })
}

/** The value of an Authorization header for an account. */
export function basic({ name, password }: { name: string; password: string }): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}
