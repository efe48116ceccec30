import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { AppError } from '@shared/error'
import type { LogLine } from '@shared/running'
import type { PoolDriver } from './driver'

/**
 * Writes the whole log of a deployment, or of one instance, to a file, as far as it goes now: a time stamp, the instance where
 * there may be several, and the text as the container wrote it. What was half written is removed. STORE_FAILED, ENGINE_...
 */
export async function saveLog(
  driver: PoolDriver,
  { id, instanceId }: { id: string; instanceId: string | null },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const file = createWriteStream(path)
  const done = finished(file)
  // Waited for below; until then a failure would count as nobody's.
  done.catch(() => {})
  try {
    const options = { instanceId, tail: null, since: null, follow: false }
    for await (const lines of driver.logs(id, options, signal)) {
      const text = lines.map((line) => written(line, instanceId === null)).join('')
      if (!file.write(text)) await Promise.race([once(file, 'drain'), done])
    }
    if (signal.aborted) throw new AppError('CANCELLED', { side: 'program' })
    file.end()
    await done
  } catch (error) {
    file.destroy()
    await rm(path, { force: true })
    if (error instanceof AppError) throw error
    throw new AppError('STORE_FAILED', { side: 'store' }, { cause: error })
  }
}

function written({ at, from, text }: LogLine, named: boolean): string {
  const time = at === null ? '' : `${new Date(at).toISOString()} `
  return `${time}${named ? `${from} ` : ''}${text}\n`
}
