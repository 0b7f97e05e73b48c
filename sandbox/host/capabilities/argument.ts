import { TOPIC_BYTES } from '../../../src/base/limits.ts'
import { REFUSAL_CHARS } from '../../limits.ts'
import { type Field, isObject, Mistake, object, oneOf, type Shape, text } from '../fields.ts'
import type { Busy } from '../host-ports.ts'
import { Refusal } from './power.ts'

/**
 * The argument of a capability call: a copy made of nothing but what was checked.
 *
 * @throws Refusal `invalid`, with the place of the mistake.
 */
export function checked(field: Field, argument: unknown): unknown {
  const value = field(argument)
  if (value instanceof Mistake) throw invalid(value.text.replace(/^: /, ''))
  return value
}

/** A refusal of an argument; the text is cut to what a plugin reads of one. */
export function invalid(text: string): Refusal {
  return new Refusal('invalid', text.slice(0, REFUSAL_CHARS))
}

/** What a power with several operations takes: an object that names one of them under `op`. */
export function operations(shapes: Readonly<Record<string, readonly [Shape, readonly string[]]>>): Field {
  const names = Object.keys(shapes)
  const fields = new Map(
    Object.entries(shapes).map(([op, [shape, required]]) => [
      op,
      object({ op: oneOf(op), ...shape }, ['op', ...required]),
    ]),
  )
  const unknown = new Mistake(`op: must be one of ${names.join(', ')}`)
  return (argument) => {
    if (!isObject(argument)) return new Mistake(': must be an object')
    const field = fields.get(String(argument['op']))
    return field === undefined ? unknown : field(argument)
  }
}

/** What a port gave, unless it had too much to do. */
export function unlessBusy<Result>(result: Result | Busy): Exclude<Result, Busy> {
  if (result === 'busy') throw new Refusal('limit', 'too much is under way; ask again later')
  return result as Exclude<Result, Busy>
}

/** A client identifier, for a look-up. */
export const CLIENT_ID: Field = text(TOPIC_BYTES, 1)
