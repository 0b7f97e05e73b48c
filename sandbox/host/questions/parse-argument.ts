import { JSON_PARTS } from '../../limits.ts'
import { Refusal } from '../capabilities/power.ts'
import { parseWeighed } from './weigh-json.ts'

/**
 * What a plugin gave to a power, from the text in which it crossed.
 *
 * @throws Refusal `invalid` where it is no JSON, or has too many parts.
 */
export function parseArgument(text: string): unknown {
  const argument = parseWeighed(text, JSON_PARTS)
  if (argument === undefined) throw new Refusal('invalid', `an argument has at most ${JSON_PARTS} parts`)
  return argument
}
