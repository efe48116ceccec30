import { onTestFinished } from 'vitest'
import type { LocalImages } from '@shared/engine'
import type { Progress } from '@shared/job'
import { Engine, type TransferOptions } from '../../../electron/engine/engine'
import { silentLog } from '../../../electron/log'
import { waitFor } from '../../support/wait'

/** An engine client of ours, started with DOCKER_HOST at `host`, and stopped when the test is over. */
export function clientOf(host: string, environment: NodeJS.ProcessEnv = {}): Engine {
  const engine = new Engine({
    environment: { DOCKER_HOST: host, ...environment },
    home: '/nonexistent',
    platform: 'linux',
    choice: 'auto',
    log: silentLog,
  })
  onTestFinished(() => engine.stop())
  engine.start()
  return engine
}

/** Resolves once `condition` holds. */
export async function holds(condition: () => boolean, timeout = 30_000): Promise<void> {
  await waitFor(
    () => {
      if (!condition()) throw new Error('not yet')
    },
    { timeout, interval: 10 },
  )
}

export const hasReference = (list: LocalImages, reference: string): boolean =>
  list.images.some((image) => image.references.includes(reference))

/** Options of a transfer that keep what they were told. */
export function transferOf(
  reference: string,
  rest: Partial<TransferOptions> = {},
): TransferOptions & { seen: Progress[]; lines: string[]; cancel: () => void } {
  const cancelling = new AbortController()
  const seen: Progress[] = []
  const lines: string[] = []
  return {
    reference,
    auth: null,
    signal: cancelling.signal,
    onProgress: (progress) => seen.push(progress),
    onLog: (line) => lines.push(line),
    ...rest,
    ...{ seen, lines },
    cancel: () => cancelling.abort(),
  }
}
