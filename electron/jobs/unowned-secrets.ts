import { toAppError } from '@shared/error'
import type { DeploymentSecrets } from '../deploy/secrets'
import type { Log } from '../log'
import type { JobTable } from './job-table'

/**
 * Secrets of a new deployment while no job answers for them: between the keychain and the queue, and behind the job that is forgotten.
 * Each is noted on disk before, by its names alone, so that the next start takes away what a program that ended left.
 */
export class UnownedSecrets {
  constructor(
    private readonly parts: {
      table: Pick<JobTable, 'all' | 'secrets'>
      secrets: Pick<DeploymentSecrets, 'forget'>
      log: Log
    },
  ) {}

  /** Does what ends with a job that owns them; where it fails they are forgotten. */
  async during<T>(id: string, names: readonly string[], work: () => Promise<T>): Promise<T> {
    const { secrets } = this.parts.table
    secrets.note(id, names)
    let answer: T
    try {
      answer = await work()
    } catch (thrown) {
      await this.forget(id, names)
      throw thrown
    }
    this.own(id)
    return answer
  }

  /** A job or a deployment answers for them from now on. */
  own(id: string): void {
    try {
      this.parts.table.secrets.drop(id)
    } catch (thrown) {
      // The next start finds the job, and the end of that job tries again.
      this.parts.log.warn('a note on secrets stays for now', { id, error: toAppError(thrown) })
    }
  }

  /** A keychain that refuses is asked again at the next start. */
  async forget(id: string, names: readonly string[]): Promise<void> {
    const { table, secrets, log } = this.parts
    try {
      table.secrets.note(id, names)
      await secrets.forget(id, names)
      table.secrets.drop(id)
    } catch (thrown) {
      log.warn('secrets of a deployment stay in the keychain for now', { id, error: toAppError(thrown) })
    }
  }

  /** Forgets what an earlier run left without a job. */
  async clean(): Promise<void> {
    const { table } = this.parts
    const left = table.secrets.all()
    if (left.length === 0) return
    const owned = new Set(
      table.all().flatMap(({ request }) => (request.kind === 'deploy' ? request.deploymentId : [])),
    )
    for (const { id, names } of left) {
      if (owned.has(id)) this.own(id)
      else await this.forget(id, names)
    }
  }
}
