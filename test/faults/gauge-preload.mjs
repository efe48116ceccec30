// Loaded into the program's process before it, by gauge.ts: on SIGUSR2 it writes what the process holds, after a full
// collection of garbage, as JSON into the file FAULTS_GAUGE.
import { renameSync, writeFileSync } from 'node:fs'
import { ClientRequest, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const file = process.env.FAULTS_GAUGE
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const timer = setTimeout(() => {}, 0)
const classes = { Socket, ClientRequest, IncomingMessage, AbortSignal, Timeout: timer.constructor }
clearTimeout(timer)

const warnings = []
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') warnings.push(`${name}: ${message}`)
})

function write(count) {
  collect()
  collect()
  const resources = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const objects = Object.fromEntries(
    Object.entries(classes).map(([name, type]) => [name, queryObjects(type, { format: 'count' })]),
  )
  const { rss, heapUsed, external } = process.memoryUsage()
  const reading = { count, pid: process.pid, rss, heapUsed, external, resources, objects, warnings }
  writeFileSync(`${file}.new`, JSON.stringify(reading))
  renameSync(`${file}.new`, file)
}

let count = 0
process.on('SIGUSR2', () => write((count += 1)))
write(0)
