import { type Field, Mistake, type Shape } from '../fields.ts'
import { Refusal } from './power.ts'

/** The two fields in which bytes travel: text under their name, anything else as base64 under `NAME64`. */
export function bytesOf(name: string, most: number): Shape {
  return { [name]: utf8(most), [`${name}64`]: base64(most) }
}

/**
 * The bytes of a checked argument, or undefined where there are none.
 *
 * @throws Refusal `invalid` if both forms are there.
 */
export function decodeBytes(name: string, fields: object): Buffer<ArrayBuffer> | undefined {
  const { [name]: plain, [`${name}64`]: encoded } = fields as Readonly<Record<string, unknown>>
  if (plain !== undefined && encoded !== undefined) {
    throw new Refusal('invalid', `${name} and ${name}64: only one may be given`)
  }
  if (typeof plain === 'string') return Buffer.from(plain)
  return typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : undefined
}

function utf8(most: number): Field {
  const what = new Mistake(`: must be well-formed text of at most ${most} bytes`)
  return (value) =>
    typeof value === 'string' && value.isWellFormed() && Buffer.byteLength(value) <= most ? value : what
}

/**
 * Nothing between, and padded if the length is a multiple of four: Node's decoder would take anything. One
 * class of letters is read twice as fast as groups of them, and a plugin sends 64 KiB at a time.
 */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Binary data, as its base64. */
export function base64(most: number): Field {
  const what = new Mistake(`: must be base64 of at most ${most} bytes`)
  return (value) =>
    typeof value === 'string' &&
    value.length <= Math.ceil(most / 3) * 4 &&
    value.length % 4 === 0 &&
    BASE64.test(value) &&
    Buffer.byteLength(value, 'base64') <= most
      ? value
      : what
}
