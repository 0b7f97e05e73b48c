import type { AnswersWithSide } from '../wire/messages.ts'

/** A frame's answers as the cell sent them: of the right number, each still unchecked. */
export interface RawAnswers {
  readonly each: readonly unknown[]
  /** Log lines: arrays of level, text, fields; unchecked as well. */
  readonly lines: readonly unknown[]
  readonly dropped: number
}

const NO_LINES: readonly unknown[] = []

/** @returns undefined when no guest of ours writes such a body. */
export function readAnswers(body: string, count: number): RawAnswers | undefined {
  const parsed = parse(body)
  if (Array.isArray(parsed))
    return parsed.length === count ? { each: parsed, lines: NO_LINES, dropped: 0 } : undefined
  const side = readSide(parsed)
  const each = ownOf(parsed, 'a')
  if (side === undefined || !Array.isArray(each) || each.length !== count) return undefined
  return { each, lines: side.lines, dropped: side.dropped }
}

/** What a `load` or `probe` is answered with. */
export interface RawLoaded {
  readonly failure: string | undefined
  readonly manifest: unknown
  readonly lines: readonly unknown[]
  readonly dropped: number
}

/** @returns undefined when no guest of ours writes such a body. */
export function readLoaded(body: string): RawLoaded | undefined {
  const parsed = parse(body)
  const side = readSide(parsed)
  if (side === undefined) return undefined
  const failure = ownOf(parsed, 'e')
  if (failure !== undefined && typeof failure !== 'string') return undefined
  return { failure, manifest: ownOf(parsed, 'm'), lines: side.lines, dropped: side.dropped }
}

function readSide(parsed: unknown): { lines: readonly unknown[]; dropped: number } | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  const lines = ownOf(parsed, 'l') ?? NO_LINES
  const dropped = ownOf(parsed, 'd') ?? 0
  if (!Array.isArray(lines) || typeof dropped !== 'number' || !Number.isSafeInteger(dropped) || dropped < 0)
    return undefined
  return { lines, dropped }
}

function ownOf(value: unknown, key: keyof AnswersWithSide): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
