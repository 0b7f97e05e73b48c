import { HOOKS } from '../sdk/hooks.ts'
import { deepFreeze } from './deep-freeze.ts'
import { decodeBase64, define, emptyRecord, freeze, ownKeys } from './primordials.ts'

type Plain = Record<string, unknown>

/**
 * The questions asked once a message: their events are flat but for `properties`, so that none needs a walk.
 */
const FLAT = emptyRecord<true>()
FLAT[HOOKS.indexOf('authorizePublish')] = true
FLAT[HOOKS.indexOf('topicFiltering')] = true

/** Freezes an event of this hook to its depth; its client is frozen already. */
export function freezeEvent(event: Plain, hook: number): Plain {
  if (FLAT[hook] === true) {
    const properties = event['properties']
    if (properties !== undefined) deepFreeze(properties)
    return freeze(event)
  }
  const keys = ownKeys(event)
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string
    const value = event[key]
    if (typeof value === 'object' && value !== null && key !== 'client') deepFreeze(value)
  }
  return freeze(event)
}

/**
 * Like {@link freezeEvent}, for events in which bytes travelled as base64: `payload64` becomes `payload`. The
 * typed array itself cannot be frozen, and belongs to this one event.
 */
export function freezeEventWithBytes(event: Plain): Plain {
  return freeze(decodeFields(event))
}

function decodeFields(fields: Plain): Plain {
  const decoded: Plain = {}
  const keys = ownKeys(fields)
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string
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

const BYTES = emptyRecord<string>()
BYTES['payload64'] = 'payload'
BYTES['password64'] = 'password'
BYTES['authData64'] = 'authData'
/** The fields of an event that may carry bytes themselves. */
const CARRIERS = emptyRecord<true>()
CARRIERS['message'] = true
CARRIERS['will'] = true
CARRIERS['packet'] = true
