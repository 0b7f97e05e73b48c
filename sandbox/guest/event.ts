import { deepFreeze } from './context.ts'
import { decodeBase64, define, freeze } from './primordials.ts'

type Plain = Record<string, unknown>

/**
 * Freezes an event. Most are flat but for a few fields, so that the walk asks each value once whether it is an
 * object at all. Bytes are the exception: a typed array cannot be frozen, and it belongs to this one event.
 */
export function freezeEvent(event: Plain): Plain {
  for (const key in event) {
    const value = event[key]
    if (typeof value === 'object' && value !== null && key !== 'client') deepFreeze(value)
  }
  return freeze(event)
}

/** Like {@link freezeEvent}, for events in which bytes travelled as base64: `payload64` becomes `payload`. */
export function freezeEventWithBytes(event: Plain): Plain {
  return freeze(decodeFields(event))
}

function decodeFields(fields: Plain): Plain {
  const decoded: Plain = {}
  for (const key in fields) {
    const value = fields[key]
    const bytesKey = typeof value === 'string' ? BYTES[key] : undefined
    if (bytesKey !== undefined) own(decoded, bytesKey, decodeBase64(value as string))
    else if (CARRIERS[key] === true && typeof value === 'object' && value !== null) {
      own(decoded, key, freeze(decodeFields(value as Plain)))
    } else own(decoded, key, deepFreeze(value))
  }
  return decoded
}

function own(target: Plain, key: string, value: unknown): void {
  define(target, key, { value, writable: true, enumerable: true, configurable: true })
}

const table = <T>(entries: Record<string, T>): Record<string, T | undefined> =>
  Object.assign(Object.create(null), entries)
const BYTES = table({ payload64: 'payload', password64: 'password', authData64: 'authData' })
/** The fields of an event that may carry bytes themselves. */
const CARRIERS = table<true>({ message: true, will: true, packet: true })
