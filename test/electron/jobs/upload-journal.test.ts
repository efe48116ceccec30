import { createHash } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { openDatabase } from '../../../electron/cache/open-database'
import { migrations } from '../../../electron/jobs/schema'
import { UploadJournal } from '../../../electron/jobs/upload-journal'
import { silentLog } from '../../../electron/log'
import { temporaryFolder } from '../../lab/temporary'

it('remembers only so many layers that were compressed, and always the last', () => {
  const folder = temporaryFolder('upload-journal')
  const database = openDatabase({ file: folder.join('jobs.db'), migrations, log: silentLog })
  onTestFinished(() => {
    database.close()
    folder.remove()
  })
  const journal = new UploadJournal(database, 20)
  const layers = Array.from({ length: 60 }, (_, n) => createHash('sha256').update(`layer ${n}`).digest('hex'))
  for (const [size, diffId] of layers.entries()) {
    journal.noteCompressed(diffId, 'gzip', { digest: `sha256:${diffId}`, size })
    expect(journal.compressed(diffId, 'gzip')).toMatchObject({ digest: `sha256:${diffId}`, size })
  }
  const left = layers.filter((diffId) => journal.compressed(diffId, 'gzip') !== null)
  expect(left.length).toBeGreaterThan(10)
  expect(left.length).toBeLessThanOrEqual(20)
})
