import type Dockerode from 'dockerode'
import { z } from 'zod'
import { AppError } from '@shared/error'
import { asking } from './error'

const Ended = z.object({ Running: z.boolean(), ExitCode: z.number().nullish() })

/**
 * Runs a command in a container and answers its exit code; what it prints is read and dropped, since it may hold secrets.
 * TIMED_OUT after `patience` milliseconds (the command goes on then), CANCELLED with the signal.
 */
export async function run(
  docker: Dockerode,
  id: string,
  command: readonly string[],
  patience: number,
  signal?: AbortSignal,
): Promise<number> {
  return asking({ side: 'engine' }, async () => {
    const exec = await docker
      .getContainer(id)
      .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true })
    const stream = await exec.start({ hijack: false, stdin: false })
    await new Promise<void>((done, fail) => {
      const end = (failure?: AppError): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        stream.destroy()
        if (failure) fail(failure)
        else done()
      }
      const cancel = (): void => end(new AppError('CANCELLED', { side: 'pool' }))
      const timer = setTimeout(() => {
        const detail = `The command did not end within ${patience / 1000} s.`
        end(new AppError('TIMED_OUT', { side: 'engine' }, { detail }))
      }, patience)
      signal?.addEventListener('abort', cancel)
      stream.on('end', () => end())
      stream.on('close', () => end())
      stream.on('error', (error) => end(new AppError('ENGINE_LOST', { side: 'engine' }, { cause: error })))
      stream.resume()
      if (signal?.aborted) cancel()
    })
    const { Running, ExitCode } = Ended.parse(await exec.inspect())
    return Running ? -1 : (ExitCode ?? -1)
  })
}
