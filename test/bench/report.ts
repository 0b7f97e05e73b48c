import type { Contender } from './contenders.ts'
import type { Load } from './load.ts'
import type { Row } from './rows.ts'

/** One run of one row by one contender. */
export interface Run extends Load {
  /** CPU time of the broker and its cells for each thing done. */
  readonly cpuMicros: number
}

/** What all runs of a row by one contender come to. */
export interface Result {
  readonly contender: Contender['id']
  readonly runs: readonly Run[]
  readonly perSec: number
  /** Between the slowest and the fastest run, as a share of the median. */
  readonly spread: number
  readonly cpuMicros: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Against the better peer in this run; null when no peer ran. */
  readonly ratio: number | null
}

const PEERS: ReadonlySet<string> = new Set(['mosquitto', 'aedes'])

/** The middle of some figures. Of an even number of them it is the lower one: no figure is made up. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other)
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN
}

/** Sums the runs of one row up, and compares each contender with the better peer. */
export function summarize(runs: ReadonlyMap<Contender['id'], readonly Run[]>): Result[] {
  const rates = new Map([...runs].map(([id, all]) => [id, median(all.map(({ perSec }) => perSec))]))
  const peers = [...rates].filter(([id]) => PEERS.has(id)).map(([, rate]) => rate)
  const better = peers.length === 0 ? null : Math.max(...peers)
  return [...runs].map(([contender, all]) => {
    const perSec = rates.get(contender) ?? Number.NaN
    const figures = all.map((run) => run.perSec)
    return {
      contender,
      runs: all,
      perSec,
      spread: (Math.max(...figures) - Math.min(...figures)) / perSec,
      cpuMicros: median(all.map(({ cpuMicros }) => cpuMicros)),
      p50Ms: medianOrNull(all.map(({ p50Ms }) => p50Ms)),
      p99Ms: medianOrNull(all.map(({ p99Ms }) => p99Ms)),
      ratio: better === null ? null : perSec / better,
    }
  })
}

/** A row's table, for people. */
export function table(row: Row, results: readonly Result[], contenders: readonly Contender[]): string {
  const heading = [
    row.title,
    `${row.unit}/s`,
    'spread',
    'CPU µs',
    'p50 ms',
    'p99 ms',
    'x better peer',
    'target',
  ]
  const lines = results.map((result) => [
    contenders.find(({ id }) => id === result.contender)?.title ?? result.contender,
    Math.round(result.perSec).toLocaleString('en'),
    `${Math.round(result.spread * 100)}%`,
    result.cpuMicros.toFixed(2),
    result.p50Ms?.toFixed(3) ?? '-',
    result.p99Ms?.toFixed(3) ?? '-',
    result.ratio?.toFixed(2) ?? '-',
    targetOf(row, result),
  ])
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...lines].map((line) => line[column]?.length ?? 0)),
  )
  return [heading, ...lines]
    .map((line) =>
      line
        .map((cell, column) => pad(cell, column, widths))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function targetOf(row: Row, { contender, ratio }: Result): string {
  if (contender !== 'bare' && contender !== 'decided') return ''
  const target = row.target[contender]
  if (ratio === null) return `${target}`
  return `${target} ${ratio >= target ? 'met' : 'missed'}`
}

function pad(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function medianOrNull(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null)
  return known.length === 0 ? null : median(known)
}
