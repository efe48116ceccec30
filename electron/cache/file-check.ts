import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { textColumns } from './broken-text'

/** As text, since the program's main part is one bundled file, and plain JavaScript, since nothing compiles it. */
const script = `
const { parentPort, workerData } = require('node:worker_threads')
const { isUtf8 } = require('node:buffer')
const Sqlite = require(workerData.libsql)
const sqlite = new Sqlite(workerData.file, { timeout: 5000 })
try {
  const { integrity_check: found } = sqlite.prepare('PRAGMA integrity_check(1)').get()
  // As broken-text.ts does.
  const isBroken = ({ name, field }) => {
    for (const { bytes } of sqlite.prepare('SELECT CAST("' + field + '" AS BLOB) AS bytes FROM "' + name + '"').iterate()) {
      if (bytes !== null && !isUtf8(new Uint8Array(bytes))) return true
    }
    return false
  }
  const isWhole = found === 'ok' && !sqlite.prepare(workerData.textColumns).all().some(isBroken)
  parentPort.postMessage(isWhole ? 'whole' : 'broken')
} catch (error) {
  parentPort.postMessage(/^SQLITE_(CORRUPT|NOTADB)/.test(error.code) ? 'broken' : 'failed')
} finally {
  sqlite.close()
}
`

/** `failed`: the file could not be looked through, which says nothing about it. */
export type CheckOutcome = 'whole' | 'broken' | 'failed'

export interface FileCheck {
  /** Ends it without an outcome. */
  stop(): void
}

/**
 * Looks through a database file page by page on a thread of its own, indexes and texts too, while others read and write it.
 * `onOutcome` is not called once it was stopped.
 */
export function checkFile(file: string, onOutcome: (outcome: CheckOutcome) => void): FileCheck {
  const libsql = createRequire(import.meta.url).resolve('libsql')
  const worker = new Worker(script, { eval: true, workerData: { file, libsql, textColumns }, execArgv: [] })
  let isOver = false
  const end = (outcome: CheckOutcome): void => {
    if (isOver) return
    isOver = true
    onOutcome(outcome)
  }
  worker.unref()
  worker.once('message', (outcome: CheckOutcome) => end(outcome))
  worker.once('error', () => end('failed'))
  worker.once('exit', () => end('failed'))
  return {
    stop() {
      isOver = true
      void worker.terminate()
    },
  }
}
