import { randomInt } from 'node:crypto'
import { runCommand } from './command'

export interface Bridge {
  name: string
  /** The machine's own address on it, say 10.77.0.1: the one place here that no engine takes for trustworthy. */
  address: string
  /** Where an engine may take the networks of its containers from, say 10.77.128.0/17. */
  pool: string
}

/** Makes a network bridge on a free 10.x.0.0/16, so that engines work beside one another. Needs root. */
export async function makeBridge(): Promise<Bridge> {
  const used = await runCommand('ip', ['-4', '-o', 'route', 'show', 'table', 'all'])
  const first = randomInt(0, 128)
  for (let step = 0; step < 128; step += 1) {
    const number = 64 + ((first + step) % 128)
    if (used.includes(` 10.${number}.`) || used.includes(`10.${number}.`)) continue
    const name = `slipway${number}`
    const address = `10.${number}.0.1`
    // Making a link is atomic, so its name is the lock on the network.
    const made = await runCommand('ip', ['link', 'add', name, 'type', 'bridge']).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && error.message.includes('exists')) return false
        throw error
      },
    )
    if (!made) continue
    await runCommand('ip', ['address', 'add', `${address}/17`, 'dev', name])
    await runCommand('ip', ['link', 'set', name, 'up'])
    return { name, address, pool: `10.${number}.128.0/17` }
  }
  throw new Error('no free network for a bridge')
}
