import type Dockerode from 'dockerode'

const lines = 40
const most = 3500

/** The last lines that a container wrote, cleaned, without the control characters; empty where the engine does not tell. */
export async function lastWords(
  docker: Dockerode,
  { id, tty, clean }: { id: string; tty: boolean; clean: (text: string) => string },
): Promise<string> {
  let raw: Buffer
  try {
    const answer: unknown = await docker
      .getContainer(id)
      .logs({ stdout: true, stderr: true, tail: lines, follow: false })
    raw = Buffer.isBuffer(answer) ? answer : Buffer.from(String(answer))
  } catch {
    // It adds to an error that is told anyway; a log driver that cannot be read is no reason to hide that.
    return ''
  }
  const text = (tty ? raw : withoutHeaders(raw)).toString('utf8')
  const bare = text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trimEnd()
  // Before it is cut: half a secret is not found any more.
  const plain = clean(bare)
  return plain.length > most ? `…${plain.slice(-most)}` : plain
}

/** Frames of engine API's "Stream format": channel, three zeros, length (big-endian), payload. */
function withoutHeaders(raw: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  while (at + 8 <= raw.length) {
    const channel = raw[at] ?? 0
    // Podman leaves the frames out for some log drivers.
    if (channel > 2 || raw[at + 1] !== 0 || raw[at + 2] !== 0 || raw[at + 3] !== 0) return raw
    const size = raw.readUInt32BE(at + 4)
    parts.push(raw.subarray(at + 8, at + 8 + size))
    at += 8 + size
  }
  return Buffer.concat(parts)
}
