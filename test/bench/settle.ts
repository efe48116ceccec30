import { runCommand } from '../lab/command'

/** Waits until what was written before is on the disk: the next run pays only for what it writes itself. */
export async function settle(): Promise<void> {
  await runCommand('sync', [], { env: process.env })
}
