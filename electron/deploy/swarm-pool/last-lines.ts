/** The last lines of a task's log, for an error that tells why it failed. */
import type { SwarmApi } from './api'
import type { Task } from './objects'

const most = 3000
const lines = 40

/** Cleaned, and without control characters; empty where the swarm does not tell: the node may be gone, or the container was never made. */
export async function lastLines(
  api: SwarmApi,
  task: Task,
  clean: (text: string) => string,
  signal: AbortSignal,
): Promise<string[]> {
  if (!task.Status.ContainerStatus?.ContainerID) return []
  const raw = await api.taskLog(task.ID, lines, signal).catch(() => null)
  if (raw === null) return []
  const text = frames(raw)
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trimEnd()
  // Cleaned before it is cut: half a secret is not found any more.
  return text === '' ? [] : clean(text).slice(-most).split('\n')
}

/** Payloads of the frames of "Stream format" in the engine's API: channel, three zeros, length (big-endian), payload. */
function frames(raw: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= raw.length;) {
    const size = raw.readUInt32BE(at + 4)
    parts.push(raw.subarray(at + 8, at + 8 + size))
    at += 8 + size
  }
  return Buffer.concat(parts).toString('utf8')
}
