import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type Dockerode from 'dockerode'
import type DockerModem from 'docker-modem'
import { AppError } from '@shared/error'
import { toEngineError } from './error'
import { requireName } from './image-name'

/**
 * An image, by name or ID, as `docker save` writes it: a tar, as a stream that is read once. IMAGE_NOT_FOUND; CANCELLED once
 * the signal fires, on which the engine ends the export; the stream fails with ENGINE_LOST where it is cut.
 */
export async function exportImage(
  docker: Dockerode,
  reference: string,
  signal: AbortSignal,
): Promise<Readable> {
  const context = { side: 'engine', reference } as const
  const failure = (error: unknown): AppError =>
    signal.aborted ? new AppError('CANCELLED', context) : toEngineError(error, context)
  if (signal.aborted) throw new AppError('CANCELLED', context)
  const answer = await ask(docker, requireName(reference), signal).catch((error: unknown) => {
    throw failure(error)
  })
  async function* content(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) yield chunk
    } catch (error) {
      throw failure(error)
    }
  }
  return Readable.from(content(), { objectMode: false, highWaterMark: 1024 * 1024 })
}

// `image.get` takes no signal.
function ask(docker: Dockerode, name: string, abortSignal: AbortSignal): Promise<IncomingMessage> {
  const modem = docker.modem as DockerModem
  return new Promise((done, fail) => {
    modem.dial(
      {
        path: `/images/${name}/get`,
        method: 'GET',
        isStream: true,
        abortSignal,
        statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
      },
      (error, answer) => (error ? fail(error) : done(answer as IncomingMessage)),
    )
  })
}
