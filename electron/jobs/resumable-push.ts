import { AppError, toAppError } from '@shared/error'
import type { JobResult, ResumablePushRequest } from '@shared/job'
import { type ArchivePushParts, borrowReporting, sendImage } from './archive-push'
import { type EngineAccess, engineSettled, orCancelled } from './engine-access'
import type { RunContext, Runner } from './runner'
import type { Spool } from './spool'

export interface ResumablePushParts extends ArchivePushParts {
  engine: EngineAccess
  spool: Pick<Spool, 'find' | 'write'>
}

/**
 * Pushes a local image by our own client: the engine exports it to disk, and that is pushed like an archive. The export stays
 * until the job has ended, so that going on needs no engine.
 */
export function createResumablePushRunner(parts: ResumablePushParts): Runner<ResumablePushRequest> {
  return async (request, context): Promise<JobResult> => {
    const path = (await parts.spool.find(context.id)) ?? (await exportImage(parts, request, context))
    const borrowed = await borrowReporting(parts, { path, image: 0, keep: false }, context)
    try {
      return await sendImage(parts, request, borrowed, context)
    } finally {
      borrowed.release()
    }
  }
}

async function exportImage(
  { engine, spool }: ResumablePushParts,
  request: ResumablePushRequest,
  { id, signal, report }: RunContext,
): Promise<string> {
  await engineSettled(engine, signal)
  const { size } = await orCancelled(signal, engine.inspectImage(request.imageId)).catch(
    (thrown: unknown) => {
      const error = toAppError(thrown)
      // The user knows the image by its name, not by its ID.
      if (error.code !== 'IMAGE_NOT_FOUND') throw error
      throw new AppError(
        error.code,
        { ...error.context, reference: request.source },
        { detail: error.detail },
      )
    },
  )
  const show = (completed: number): void =>
    report({ phase: 'exporting', completed, total: Math.max(size, completed), parts: [] })
  show(0)
  const source = await engine.exportImage(request.imageId, signal)
  return spool.write(id, source, { expected: size, signal, onBytes: show })
}
