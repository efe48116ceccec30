import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listener {
  /** 127.0.0.1 and its port. */
  host: string
  /** The path of each request so far. */
  arrived: string[]
  stop(): Promise<void>
}

/** Listens for http on a free port, where some requests or none are to arrive. */
export async function startListener(
  answer: (path: string, response: ServerResponse) => void = (_path, response) => response.end(),
): Promise<Listener> {
  const arrived: string[] = []
  const server = createServer((request, response) => {
    arrived.push(request.url ?? '')
    answer(request.url ?? '', response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
