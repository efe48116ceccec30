import { z } from 'zod'
import type { Database } from '../cache/database'

const Names = z.array(z.string())

/** Names of secrets that the keychain may hold for a deployment without a job; see `UnownedSecrets`. Never a value. */
export class SecretTable {
  constructor(private readonly database: Database) {}

  note(deploymentId: string, names: readonly string[]): void {
    this.database.run(
      'INSERT OR REPLACE INTO unowned_secret (deployment_id, names) VALUES (?, ?)',
      deploymentId,
      JSON.stringify(names),
    )
  }

  drop(deploymentId: string): void {
    this.database.run('DELETE FROM unowned_secret WHERE deployment_id = ?', deploymentId)
  }

  all(): { id: string; names: string[] }[] {
    return this.database
      .all<{ id: string; names: string }>('SELECT deployment_id AS id, names FROM unowned_secret')
      .map(({ id, names }) => ({ id, names: Names.parse(JSON.parse(names)) }))
  }
}
