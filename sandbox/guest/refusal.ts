import { define, newError } from './primordials.ts'

/** A `CapabilityError` as the SDK describes it. */
export function refusal(code: string, message: string): Error {
  const error = newError(message)
  define(error, 'name', { value: 'CapabilityError' })
  define(error, 'code', { value: code, enumerable: true })
  return error
}
