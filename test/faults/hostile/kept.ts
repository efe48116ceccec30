import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'libsql'
import { isDigest, isRepository, isTag } from '@shared/reference'
import type { Complaint } from './case'
import type { Scene } from './scene'

interface Content {
  digest: string
  bytes: Buffer | ArrayBuffer
}

/** What is wrong with what the cache keeps: content that is not its digest, names that are none, things of hostile registries. */
export function keptIn(folder: string, scenes: readonly Scene[]): Complaint[] {
  const complaints: Complaint[] = []
  const cache = new Sqlite(join(folder, 'cache.db'))
  const complain = (what: string, name = 'all cases together'): void =>
    void complaints.push({ case: name, harm: 'falseSuccess', what })
  const rows = <T>(query: string, ...given: string[]): T[] => cache.prepare(query).all(...given) as T[]
  try {
    for (const table of ['manifest', 'config']) {
      for (const { digest, bytes: stored } of rows<Content>(`SELECT digest, bytes FROM ${table}`)) {
        const bytes = Buffer.isBuffer(stored) ? stored : Buffer.from(stored)
        const [algorithm = '', hex] = digest.split(':')
        const isIt = isDigest(digest) && createHash(algorithm).update(bytes).digest('hex') === hex
        if (!isIt || bytes.length > 4 * 1024 * 1024) complain(`${table} ${digest} is not its digest`)
      }
    }
    for (const { name } of rows<{ name: string }>('SELECT name FROM repository'))
      if (!isRepository(name)) complain(`a repository ${JSON.stringify(name.slice(0, 100))}`)
    for (const { name } of rows<{ name: string }>('SELECT name FROM tag'))
      if (!isTag(name)) complain(`a tag ${JSON.stringify(name.slice(0, 100))}`)
    for (const { digest } of rows<{ digest: string }>(
      'SELECT digest FROM place UNION SELECT digest FROM layer',
    ))
      if (!isDigest(digest)) complain(`a digest ${JSON.stringify(digest.slice(0, 100))}`)
    for (const scene of scenes) {
      for (const { id } of scene.parties.filter((party) => !scene.honest.has(party.id))) {
        const places = rows<{ digest: string }>('SELECT digest FROM place WHERE registry_id = ?', id)
        const tags = rows<{ name: string }>(
          'SELECT name FROM tag WHERE registry_id = ? AND digest IS NOT NULL',
          id,
        )
        if (places.length + tags.length > 0)
          complain(
            `kept: ${[...places.map(({ digest }) => digest), ...tags.map(({ name }) => name)].join(' ').slice(0, 300)}`,
            scene.name,
          )
      }
    }
  } finally {
    cache.close()
  }
  return complaints
}
