import { LOG_TEXT_CHARS } from '../limits.ts'
import type { LogLevel } from './host-ports.ts'

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
  const plain = typeof fields === 'object' && fields !== null && !Array.isArray(fields)
  return plain ? (fields as Readonly<Record<string, unknown>>) : { value: fields }
}
