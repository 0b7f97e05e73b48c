import type { Contender, ContenderId } from './contenders.ts'
import type { Load } from './load.ts'
import type { Row } from './rows.ts'

/** One run of one row by one contender. */
export interface Run extends Load {
  /** CPU time of the broker and its cells for each thing done; null: there is no broker. */
  readonly cpuMicros: number | null
  /** How long the broker took to accept connections. */
  readonly startMs: number | null
  /** What its process holds of the memory at the end, its cells not counted. */
  readonly memoryMiB: number | null
}

/** What all runs of a row by one contender come to. */
export interface Result {
  readonly contender: ContenderId
  readonly runs: readonly Run[]
  readonly perSec: number
  /** Between the slowest and the fastest run, as a share of the median. */
  readonly spread: number
  readonly cpuMicros: number | null
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly startMs: number | null
  readonly memoryMiB: number | null
  /** Against the better peer in this run; null when no peer ran. */
  readonly ratio: number | null
  /** Against the bare log in this run; null when it did not run. */
  readonly share: number | null
}

const PEERS: ReadonlySet<ContenderId> = new Set(['mosquitto', 'aedes', 'mosquitto-saved', 'aedes-level'])

/** The middle of some figures. Of an even number of them it is the lower one: no figure is made up. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other)
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN
}

/** Sums the runs of one row up, and compares each contender with the better peer. */
export function summarize(runs: ReadonlyMap<ContenderId, readonly Run[]>): Result[] {
  const rates = new Map([...runs].map(([id, all]) => [id, median(all.map(({ perSec }) => perSec))]))
  const peers = [...rates].filter(([id]) => PEERS.has(id)).map(([, rate]) => rate)
  const better = peers.length === 0 ? null : Math.max(...peers)
  const log = rates.get('log') ?? null
  return [...runs].map(([contender, all]) => {
    const perSec = rates.get(contender) ?? Number.NaN
    const figures = all.map((run) => run.perSec)
    return {
      contender,
      runs: all,
      perSec,
      spread: (Math.max(...figures) - Math.min(...figures)) / perSec,
      cpuMicros: medianOrNull(all.map(({ cpuMicros }) => cpuMicros)),
      p50Ms: medianOrNull(all.map(({ p50Ms }) => p50Ms)),
      p99Ms: medianOrNull(all.map(({ p99Ms }) => p99Ms)),
      startMs: medianOrNull(all.map(({ startMs }) => startMs)),
      memoryMiB: medianOrNull(all.map(({ memoryMiB }) => memoryMiB)),
      ratio: better === null ? null : perSec / better,
      share: log === null ? null : perSec / log,
    }
  })
}

/** A row's table, for people. */
export function table(row: Row, results: readonly Result[], contenders: readonly Contender[]): string {
  const logRan = results.some(({ share }) => share !== null)
  const heading = [
    row.title,
    `${row.unit}/s`,
    'spread',
    'CPU µs',
    'p50 ms',
    'p99 ms',
    'start ms',
    'MiB',
    'x better peer',
    ...(logRan ? ['x log'] : []),
    'target',
  ]
  const lines = results.map((result) => [
    contenders.find(({ id }) => id === result.contender)?.title ?? result.contender,
    Math.round(result.perSec).toLocaleString('en'),
    `${Math.round(result.spread * 100)}%`,
    result.cpuMicros?.toFixed(2) ?? '-',
    result.p50Ms?.toFixed(3) ?? '-',
    result.p99Ms?.toFixed(3) ?? '-',
    result.startMs?.toFixed(0) ?? '-',
    result.memoryMiB?.toFixed(0) ?? '-',
    result.ratio?.toFixed(2) ?? '-',
    ...(logRan ? [result.share?.toFixed(2) ?? '-'] : []),
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

function targetOf({ targets, against = 'peers' }: Row, { contender, ratio, share }: Result): string {
  const target = targets?.[contender]
  if (target === undefined) return ''
  const reached = against === 'peers' ? ratio : share
  if (reached === null) return `${target}`
  return `${target} ${reached >= target ? 'met' : 'missed'}`
}

function pad(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function medianOrNull(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null)
  return known.length === 0 ? null : median(known)
}
