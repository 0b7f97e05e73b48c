import { encodeBase64 } from './primordials.ts'
import { refusal } from './refusal.ts'

/**
 * The field in which bytes cross: text under `name`, a Uint8Array as base64 under `NAME64`; none for
 * undefined.
 *
 * @throws CapabilityError `invalid`.
 */
export function bytes(name: string, value: unknown): Record<string, unknown> {
  if (value === undefined) return {}
  if (typeof value === 'string') return { [name]: value }
  try {
    return { [`${name}64`]: encodeBase64(value as Uint8Array) }
  } catch {
    throw refusal('invalid', `${name} is a string or a Uint8Array`)
  }
}
