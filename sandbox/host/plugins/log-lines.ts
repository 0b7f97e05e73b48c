import { LOG_FIELD_VALUES, LOG_FIELDS_CHARS, LOG_TEXT_CHARS } from '../../limits.ts'
import type { LogLevel } from '../host-ports.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A log line after the wall. */
export interface CheckedLine {
  readonly level: LogLevel
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>> | undefined
}

/** @returns undefined when no guest of ours writes such a line. */
export function checkLine(raw: unknown): CheckedLine | undefined {
  if (!Array.isArray(raw)) return undefined
  const [level, text, fields] = raw as readonly unknown[]
  const known = LEVELS.find((each) => each === level)
  if (known === undefined || typeof text !== 'string') return undefined
  return { level: known, text: text.slice(0, LOG_TEXT_CHARS), fields: asFields(fields) }
}

function asFields(fields: unknown): Readonly<Record<string, unknown>> | undefined {
  if (fields === undefined) return undefined
  if (!isBounded(fields, { values: 0, chars: 0 })) return TOO_LARGE
  const plain = typeof fields === 'object' && fields !== null && !Array.isArray(fields)
  return plain ? (fields as Readonly<Record<string, unknown>>) : { value: fields }
}

const TOO_LARGE = Object.freeze({ fields: 'too large' })

/** A guest of ours bounds them; what came over the wall may be deeper than a stack, and of any size. */
function isBounded(value: unknown, walk: { values: number; chars: number }): boolean {
  walk.values += 1
  if (typeof value === 'string') walk.chars += value.length
  if (walk.values > LOG_FIELD_VALUES || walk.chars > LOG_FIELDS_CHARS) return false
  if (typeof value !== 'object' || value === null) return true
  for (const key of Object.keys(value)) {
    walk.chars += key.length
    if (!isBounded((value as Readonly<Record<string, unknown>>)[key], walk)) return false
  }
  return true
}
