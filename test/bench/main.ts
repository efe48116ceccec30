/**
 * The bench: ours against a peer, in turn, on real parts, in one run. Prints a table and writes `out/bench/report.json`. A
 * goal that is missed is told and is no failure; a row that cannot be run is one.
 */
import { join } from 'node:path'
import { readCommandLine } from './command-line'
import { figure, machine, table, writeReport } from './report'
import { measure, type Outcome } from './row'
import { rows } from './rows'

const file = join(process.cwd(), 'out/bench/report.json')

async function main(): Promise<number> {
  const { names, times } = readCommandLine(
    process.argv.slice(2),
    rows.map(({ name }) => name),
  )
  const chosen = rows.filter(({ name }) => names.length === 0 || names.includes(name))
  const about = { machine: machine(), date: new Date().toISOString() }
  console.log(about.machine)
  const outcomes: Outcome[] = []
  const broken: string[] = []
  for (const row of chosen) {
    console.log(`\n${row.name}: ${row.what}; against ${row.peerName}`)
    try {
      const outcome = await measure(row, times, (ours, peer) =>
        console.log(`  ours ${figure(ours)} ${row.unit}   peer ${figure(peer)} ${row.unit}`),
      )
      outcomes.push(outcome)
      if (outcome.note !== undefined) console.log(`  ${outcome.note}`)
    } catch (error) {
      broken.push(row.name)
      console.error(`  ${row.name} could not be run:`, error)
    }
    writeReport(file, { ...about, rows: outcomes })
  }
  console.log(`\n${table(outcomes)}\n`)
  const missed = outcomes.filter(({ ok }) => !ok).map(({ name }) => name)
  console.log(
    missed.length === 0 ? 'every measured goal is met' : `goals missed: ${missed.join(', ')}`,
    broken.length === 0 ? '' : `\nrows that could not be run: ${broken.join(', ')}`,
  )
  console.log('out/bench/report.json')
  return broken.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
