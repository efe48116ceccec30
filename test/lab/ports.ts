import { createServer } from 'node:net'

const given = new Set<number>()

/** A TCP port that was free on `address` a moment ago and that this process has not given out before. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = await ephemeralPort(address)
    if (!given.has(port)) {
      given.add(port)
      return port
    }
  }
}

function ephemeralPort(address: string): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(0, address, () => {
      const bound = server.address()
      server.close(() => {
        if (bound === null || typeof bound === 'string') fail(new Error('no port'))
        else done(bound.port)
      })
    })
  })
}
