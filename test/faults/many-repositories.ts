import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from './random'

/** The seeded repositories of a registry's storage, of which some get other names now and then. */
export class ManyRepositories {
  private readonly folder: string

  constructor(
    root: string,
    private readonly prefix: string,
    private readonly total: number,
  ) {
    this.folder = join(root, 'docker/registry/v2/repositories', prefix)
  }

  /** As the registry lists them now. */
  names(): Set<string> {
    const names = new Set(readdirSync(this.folder).map((name) => `${this.prefix}/${name}`))
    if (names.size !== this.total) throw new Error(`${names.size} repositories in the storage`)
    return names
  }

  any(random: Random): string {
    const all = readdirSync(this.folder)
    return `${this.prefix}/${all[random.below(all.length)]}`
  }

  /** Takes away some and puts as many new ones there, at any place in the order; the number stays. */
  rename(count: number, run: number, random: Random): void {
    const all = readdirSync(this.folder)
    for (let index = 0; index < count; index += 1) {
      const [name] = all.splice(random.below(all.length), 1)
      const digits = String(random.below(100_000)).padStart(5, '0')
      renameSync(join(this.folder, String(name)), join(this.folder, `${digits}-run${run}-${index}`))
    }
  }
}
