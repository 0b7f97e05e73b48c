import { SOURCE_NAME_CHARS, SOURCE_PARAMETERS, SOURCE_TEXT_BYTES } from '../../limits.ts'
import { type Field, Mistake, text, textMap } from '../fields.ts'
import type { SourceFailure } from '../source-ports.ts'
import { invalid } from './argument.ts'
import { type Holder, Refusal } from './power.ts'

/** The name of a query or a directory, or of what is given to it. */
export const SOURCE_NAME: Field = text(SOURCE_NAME_CHARS, 1)

/** The values of a question: no list, no object, nothing that a statement or a filter could be made of. */
export const SOURCE_VALUES: Field = textMap(SOURCE_NAME, scalar, SOURCE_PARAMETERS)

const WRONG = new Mistake(
  ': must be null, true, false, a finite number, or well-formed text without U+0000 ' +
    `of at most ${SOURCE_TEXT_BYTES} bytes`,
)

function scalar(value: unknown): unknown {
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return value
  if (typeof value !== 'string' || value.length > SOURCE_TEXT_BYTES) return WRONG
  // no database stores U+0000 in a text, and some stop reading there
  if (!value.isWellFormed() || value.includes('\u0000')) return WRONG
  return Buffer.byteLength(value) <= SOURCE_TEXT_BYTES ? value : WRONG
}

/** The names that a capability was granted for; undefined: all that there are. */
export function grantedNames({ grant }: Holder): ReadonlySet<unknown> | undefined {
  return grant === true ? undefined : new Set(grant['names'] as readonly unknown[])
}

/** @throws Refusal `notAllowed`. */
export function requireName(names: ReadonlySet<unknown> | undefined, name: string): void {
  if (names === undefined || names.has(name)) return
  throw new Refusal('notAllowed', `${JSON.stringify(name)} was not granted`)
}

/**
 * What a source gave.
 *
 * @throws Refusal if it gave nothing.
 */
export function given<Result>(result: Result | SourceFailure): Result {
  if (!isFailure(result)) return result
  const { failure, why } = result
  throw failure === 'invalid' ? invalid(why) : new Refusal(failure, why)
}

function isFailure(result: unknown): result is SourceFailure {
  return typeof result === 'object' && result !== null && Object.hasOwn(result, 'failure')
}
