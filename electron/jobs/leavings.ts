import { toAppError } from '@shared/error'
import { isPoolRequest, type Job } from '@shared/job'
import { secretNamesOf } from '../deploy/secrets'
import type { Log } from '../log'
import type { RegistryAccess } from './registry-access'
import type { Spool } from './spool'
import type { UnownedSecrets } from './unowned-secrets'
import type { UploadJournal } from './upload-journal'

/** What jobs leave elsewhere: upload sessions at registries, exports on disk, secrets. Failures go to the log. */
export class Leavings {
  private readonly working = new Set<Promise<void>>()

  constructor(
    private readonly parts: {
      registries: Pick<RegistryAccess, 'client'>
      uploads: UploadJournal
      spool: Pick<Spool, 'remove'>
      secrets: Pick<UnownedSecrets, 'forget' | 'own'>
      log: Log
    },
  ) {}

  /** A failed job keeps its uploads, so that another attempt goes on from there; its export is made again. */
  ended(job: Job): void {
    if (job.request.kind === 'resumable-push') this.do(job, () => this.parts.spool.remove(job.id))
    if (job.state === 'cancelled') this.abortUploads(job)
    if (job.state === 'succeeded') this.parts.uploads.drop(job.id)
    // Once it runs its secrets are its own, whatever becomes of the job.
    if (job.state === 'succeeded' && job.request.kind === 'deploy')
      this.parts.secrets.own(job.request.deploymentId)
  }

  forgotten(job: Job): void {
    this.abortUploads(job)
    const { request, state } = job
    if (request.kind !== 'deploy' || request.reason !== 'new' || state === 'succeeded') return
    // Kept until now for another attempt at a deployment that never came to be.
    this.do(job, () => this.parts.secrets.forget(request.deploymentId, secretNamesOf(request.spec)))
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.working)
  }

  private abortUploads(job: Job): void {
    const { request } = job
    if (isPoolRequest(request)) return
    const { registries, uploads } = this.parts
    const sessions = uploads.sessions(job.id)
    if (sessions.length === 0) return
    uploads.drop(job.id)
    this.do(job, async () => {
      const client = registries.client(request.registryId)
      await Promise.all(sessions.map((session) => client.abortUpload(session)))
    })
  }

  private do(job: Job, work: () => Promise<void>): void {
    const done = work().catch((thrown: unknown) => {
      // A registry lets go of such uploads by itself after a while.
      this.parts.log.info('what a job left is not cleared up', { id: job.id, error: toAppError(thrown) })
    })
    this.working.add(done)
    void done.finally(() => this.working.delete(done))
  }
}
