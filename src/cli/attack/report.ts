import { createColors } from 'picocolors'
import type { Result } from './arena.ts'

const MIB = 2 ** 20
const TITLE_COLUMNS = 44
const ENDING_COLUMNS = 12

/** Ground under each other: what the columns are. */
export const HEADING: string = [
  '       ' + 'attack'.padEnd(TITLE_COLUMNS + 1) + 'ended as'.padEnd(ENDING_COLUMNS),
  ...['took', 'neighbour', 'broker', 'memory'].map((each) => each.padStart(10)),
].join('')

/** One line for one attack; below it, what it achieved that it must not. */
export function attackLines(result: Result, colored: boolean): readonly string[] {
  const { bold, dim, green, red } = createColors(colored)
  const { attack, endings, tookMs, bystander, lagMs, grewBytes, complaints } = result
  const contained = complaints.length === 0
  const mark = contained ? green('✔') : red('✘')
  const figures = [ms(tookMs), ms(bystander.worstMs), ms(lagMs), mib(grewBytes)]
  const line = [
    `${mark} ${bold(attack.id)}  `,
    fit(attack.title, TITLE_COLUMNS),
    ' ',
    fit([...new Set(endings)].join(', '), ENDING_COLUMNS),
    dim(figures.map((each) => each.padStart(10)).join('')),
  ].join('')
  return [line, ...complaints.map((complaint) => `       ${red(complaint)}`)]
}

/** The whole in three lines. @param left what stopped brokers left behind, in words. */
export function summaryLines(
  results: readonly Result[],
  left: readonly string[],
  colored: boolean,
): readonly string[] {
  const { bold, green, red } = createColors(colored)
  const { held, waited, lagged, medianMs, rounds, grewBytes } = summary(results)
  const lost = results.length - held
  const paint = lost === 0 && left.length === 0 ? green : red
  return [
    bold(paint(`${held} of ${results.length} attacks contained${lost === 0 ? '.' : `, ${lost} not.`}`)),
    `The neighbour got ${rounds} answers, all by its own plugin: half of them within ${ms(medianMs)}, ` +
      `the last within ${ms(waited.ms)} (${waited.id}).`,
    `The broker's event loop was away for ${ms(lagged.ms)} at most (${lagged.id}); ` +
      `it grew by ${mib(grewBytes)}.`,
    ...left.map((each) => red(each)),
  ]
}

/** The same figures for machines. */
export function resultJson({
  attack,
  endings,
  tookMs,
  lagMs,
  grewBytes,
  bystander,
  complaints,
}: Result): object {
  const { id, title } = attack
  const { rounds, p50Ms, p99Ms, worstMs } = bystander
  const neighbour = { answers: rounds, p50Ms, p99Ms, worstMs }
  const contained = complaints.length === 0
  return {
    id,
    class: attack.class,
    title,
    contained,
    endings,
    tookMs,
    lagMs,
    grewBytes,
    neighbour,
    complaints,
  }
}

interface Summary {
  readonly held: number
  readonly rounds: number
  readonly medianMs: number
  readonly grewBytes: number
  /** The worst of each, and whose it was. */
  readonly waited: Worst
  readonly lagged: Worst
}

interface Worst {
  readonly id: string
  readonly ms: number
}

function summary(results: readonly Result[]): Summary {
  const medians = results.map(({ bystander }) => bystander.p50Ms).toSorted((a, b) => a - b)
  return {
    held: results.filter(({ complaints }) => complaints.length === 0).length,
    rounds: results.reduce((sum, { bystander }) => sum + bystander.rounds, 0),
    medianMs: medians[Math.floor(medians.length / 2)] ?? 0,
    grewBytes: results.reduce((sum, each) => sum + each.grewBytes, 0),
    waited: worst(results, ({ bystander }) => bystander.worstMs),
    lagged: worst(results, ({ lagMs }) => lagMs),
  }
}

function worst(results: readonly Result[], of: (result: Result) => number): Worst {
  return results.reduce<Worst>(
    (most, result) => (of(result) > most.ms ? { id: result.attack.id, ms: of(result) } : most),
    { id: 'none', ms: 0 },
  )
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}

function fit(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text.padEnd(columns)
}
