/** How far the running transfers are together, for the taskbar. */
import { isEnded, type Job } from '@shared/job'

export class TransferBar {
  private readonly running = new Map<string, Job['progress']>()

  /** `show` gets a fraction of 0 to 1; 2 where the total is not known yet; -1 for none. As Electron's setProgressBar. */
  constructor(private readonly show: (fraction: number) => void) {}

  see(job: Job): void {
    if (isEnded(job.state)) this.running.delete(job.id)
    else if (job.request.kind !== 'delete') this.running.set(job.id, job.progress)
    this.show(this.fraction())
  }

  private fraction(): number {
    if (this.running.size === 0) return -1
    let completed = 0
    let total = 0
    for (const progress of this.running.values()) {
      if (progress.total === null) return 2
      completed += progress.completed
      total += progress.total
    }
    return total === 0 ? 2 : Math.min(1, completed / total)
  }
}
