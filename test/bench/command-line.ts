import { parseArgs } from 'node:util'

export interface CommandLine {
  /** Empty: all rows. */
  names: string[]
  times: number
}

/** Reads `[--row NAME ...] [NAME ...] [--times N]`; throws an Error with the reason where it makes no sense. */
export function readCommandLine(args: readonly string[], known: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { row: { type: 'string', multiple: true }, times: { type: 'string', default: '5' } },
    allowPositionals: true,
  })
  const names = [...(values.row ?? []), ...positionals]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no row ${unknown}; the rows are: ${known.join(' ')}`)
  const times = Number(values.times)
  if (!Number.isInteger(times) || times < 1) throw new Error(`--times ${values.times}: not a number of runs`)
  return { names, times }
}
