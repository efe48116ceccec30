import { readFileSync } from 'node:fs'

/**
 * Milliseconds that this thread has had of a processor: what work costs, however busy the machine is with other things. Where the
 * system does not say it (it is Linux that does), the wall clock's.
 */
export function ownTime(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}
