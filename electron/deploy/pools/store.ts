import { join } from 'node:path'
import { PoolDraft } from '@shared/pool'
import { z } from 'zod'
import type { Log } from '../../log'
import { JsonFile } from '../../store/json-file'

export const StoredPool = PoolDraft.extend({ id: z.string().min(1).max(200) })
export type StoredPool = z.infer<typeof StoredPool>

const PoolFile = z.object({ version: z.literal(1), pools: z.array(StoredPool) })
type PoolFile = z.infer<typeof PoolFile>

/** The pools that were added by hand, in `pools.json`. There is no secret in it: keys stay in their own files. */
export class PoolStore {
  private readonly file: JsonFile<PoolFile>

  constructor(folder: string, log: Log) {
    this.file = new JsonFile<PoolFile>({
      file: join(folder, 'pools.json'),
      schema: PoolFile,
      fallback: { version: 1, pools: [] },
      log,
    })
  }

  list(): StoredPool[] {
    return this.file.read().pools
  }

  /** Adds a pool, or takes over the one of the same id. STORE_FAILED leaves everything as it was. */
  async put(pool: StoredPool): Promise<void> {
    await this.file.change((file) => {
      const known = file.pools.some(({ id }) => id === pool.id)
      const pools = known
        ? file.pools.map((other) => (other.id === pool.id ? pool : other))
        : [...file.pools, pool]
      return { ...file, pools }
    })
  }

  async remove(id: string): Promise<void> {
    await this.file.change((file) => ({ ...file, pools: file.pools.filter((pool) => pool.id !== id) }))
  }
}
