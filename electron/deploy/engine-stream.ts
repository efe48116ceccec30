import type { Readable } from 'node:stream'
import type Dockerode from 'dockerode'

const fine = {
  200: true,
  204: true,
  400: 'bad parameter',
  404: 'not found',
  409: 'conflict',
  500: 'server error',
}

/**
 * The answer to a GET as a stream, for what dockerode's own methods would first gather in memory, however long it is. Destroyed
 * when the signal fires. Rejects with whatever docker-modem makes of another status.
 */
export async function openStream(
  docker: Dockerode,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Readable> {
  const modem = docker.modem as {
    dial(options: object, callback: (error: unknown, stream: unknown) => void): void
  }
  const stream = await new Promise<Readable>((done, fail) => {
    modem.dial(
      {
        path: `${path}?`,
        method: 'GET',
        isStream: true,
        abortSignal: signal,
        options: { ...query },
        statusCodes: fine,
      },
      (error, answer) => (error ? fail(error) : done(answer as Readable)),
    )
  })
  const destroy = (): void => void stream.destroy()
  if (signal.aborted) destroy()
  signal.addEventListener('abort', destroy, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', destroy))
  return stream
}
