// Undoes what a lab process left behind, once that process is gone: its end of our input is closed then.
// See undo.ts, which starts it. Ctrl+C and the like are for the lab process, not for us.
import { spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {})

const commands = new Map()
for await (const line of createInterface({ input: process.stdin })) {
  const { id, command } = JSON.parse(line)
  if (command === undefined) commands.delete(id)
  else commands.set(id, command)
}
for (const [program, ...args] of [...commands.values()].reverse()) {
  spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 })
}
