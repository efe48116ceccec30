/** The least that a client can do: `node:http` with kept sockets, bytes read to their end. The peer of the listing rows. */
import { Agent, get } from 'node:http'

export interface BareAnswer {
  body: Buffer
  link: string | undefined
}

export interface BareClient {
  fetch(path: string, accept?: string): Promise<BareAnswer>
  close(): void
}

/** Opens a client that keeps up to `sockets` sockets to the registry at `url`. */
export function bareClient(url: string, sockets: number): BareClient {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets })
  return {
    fetch: (path, accept = 'application/json') =>
      new Promise((done, fail) => {
        const request = get(new URL(path, url), { agent, headers: { accept } }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', fail)
          response.on('end', () => {
            if (response.statusCode !== 200) fail(new Error(`${path}: ${response.statusCode}`))
            else done({ body: Buffer.concat(chunks), link: response.headers.link as string | undefined })
          })
        })
        request.on('error', fail)
      }),
    close: () => agent.destroy(),
  }
}

/** Does `work` for every item, `limit` at a time. */
export async function eachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
}
