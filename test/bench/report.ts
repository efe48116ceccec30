import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type as system } from 'node:os'
import { dirname } from 'node:path'
import type { Outcome } from './row'

/** What the figures were taken on, in one line. */
export function machine(): string {
  const [first] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const load = loadavg()[0]?.toFixed(1)
  return `${system()} ${release()}, ${cpus().length} x ${first?.model.trim()}, ${memory} GB, Node ${process.versions.node}, load ${load} at the start`
}

/** Writes the report as JSON. */
export function writeReport(file: string, about: { machine: string; date: string; rows: Outcome[] }): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(about, null, 2)}\n`)
}

/** The rows as a table of text. */
export function table(rows: readonly Outcome[]): string {
  const lines = rows.map((row) => [
    row.name,
    `${figure(row.ours)} ${row.unit}`,
    `${figure(row.peer)} ${row.unit}`,
    row.ratio.toFixed(2),
    row.goal.toFixed(2),
    row.ok ? 'ok' : 'MISSED',
    row.peerName,
  ])
  const all = [['row', 'ours', 'peer', 'ratio', 'goal', '', 'the peer'], ...lines]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? []
  const isNumber = (column: number): boolean => column >= 1 && column <= 4
  return all
    .map((line) =>
      line
        .map((cell, at) => (isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1))
