import { FRAME_PARTS } from '../../limits.ts'
import type { AnswersWithSide } from '../../wire/messages.ts'
import { parseWeighed } from './weigh-json.ts'

/** What came beside the answers. Lists whose elements are unchecked. */
export interface RawSide {
  /** Log lines: level, text, fields. */
  readonly lines: readonly unknown[]
  readonly dropped: number
  /** Pairs, flat: the number under which something waited, its answer. */
  readonly settled: readonly unknown[]
  /** Capability calls: number, waiting number, capability, argument. */
  readonly calls: readonly unknown[]
  /** Effects: place, capability, argument. */
  readonly effects: readonly unknown[]
  /** What the guest has refused: capability, text. */
  readonly notes: readonly unknown[]
}

/** A frame's answers as the cell sent them: of the right number, each still unchecked. */
export interface RawAnswers {
  readonly each: readonly unknown[]
  /** Null where there is nothing, which is what most frames have. */
  readonly side: RawSide | null
}

const NONE: readonly unknown[] = []

/** @returns undefined when no guest of ours writes such a body. */
export function readAnswers(body: string, count: number): RawAnswers | undefined {
  const parsed = parseWeighed(body, FRAME_PARTS)
  if (Array.isArray(parsed)) return parsed.length === count ? { each: parsed, side: null } : undefined
  const side = readSide(parsed)
  const each = ownOf(parsed, 'a')
  if (side === undefined || !Array.isArray(each) || each.length !== count) return undefined
  return { each, side }
}

/** What a `load` or `probe` is answered with. */
export interface RawLoaded {
  readonly failure: string | undefined
  readonly manifest: unknown
  /** Under which number `setup` waits for capability calls. */
  readonly waits: number | undefined
  readonly side: RawSide
}

/** @returns undefined when no guest of ours writes such a body. */
export function readLoaded(body: string): RawLoaded | undefined {
  const parsed = parseWeighed(body, FRAME_PARTS)
  const side = readSide(parsed)
  if (side === undefined) return undefined
  const failure = ownOf(parsed, 'e')
  if (failure !== undefined && typeof failure !== 'string') return undefined
  const waits = ownOf(parsed, 'w')
  if (waits !== undefined && !isNumber(waits)) return undefined
  return { failure, manifest: ownOf(parsed, 'm'), waits, side }
}

/** A number that a guest counts with: of a call, of something that waits. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

function readSide(parsed: unknown): RawSide | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  const dropped = ownOf(parsed, 'd') ?? 0
  if (typeof dropped !== 'number' || !Number.isSafeInteger(dropped) || dropped < 0) return undefined
  const [lines, settled, calls, effects, notes] = LISTS.map((key) => ownOf(parsed, key) ?? NONE)
  if (!Array.isArray(lines) || !Array.isArray(settled) || settled.length % 2 !== 0) return undefined
  if (!Array.isArray(calls) || !Array.isArray(effects) || !Array.isArray(notes)) return undefined
  return { lines, dropped, settled, calls, effects, notes }
}

const LISTS = ['l', 's', 'c', 'x', 'n'] as const

function ownOf(value: unknown, key: keyof AnswersWithSide): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}
