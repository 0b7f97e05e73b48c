import {
  CRYPTO_BYTES,
  JWT_CLOCK_TOLERANCE_SEC,
  JWT_KEY_CHARS,
  PASSWORD_HASH_CHARS,
  RANDOM_BYTES,
} from '../../limits.ts'
import type { DigestName, JwtOptions } from '../../sdk/powers.ts'
import { type Field, integer, isObject, list, Mistake, object, oneOf, text } from '../fields.ts'
import { checked, operations } from './argument.ts'
import { bytesOf, decodeBytes } from './byte-fields.ts'
import { JWT_ALGORITHMS } from './jwt-key.ts'
import { Refusal } from './power.ts'
import { fillSecret, isSecretName, secretName } from './secret-ref.ts'

/**
 * What the guest sends for each call of `ctx.crypto`, read. On the wire bytes are text under their name, or
 * base64 under their name with `64`; a key may be `{ secret, prefix? }`:
 *
 * - `{ op: 'digest', name, data | data64 }`
 * - `{ op: 'hmac', name, key | key64, data | data64 }`
 * - `{ op: 'verifyJwt', token, key, options: { algorithms, issuer?, audience?, clockToleranceSec? } }`
 * - `{ op: 'verifyPassword', password | password64, hash }`
 * - `{ op: 'randomBytes', size }`
 */
export type CryptoRequest =
  | { readonly op: 'digest'; readonly name: DigestName; readonly data: Binary }
  | { readonly op: 'hmac'; readonly name: DigestName; readonly key: Binary; readonly data: Binary }
  | { readonly op: 'verifyJwt'; readonly token: string; readonly key: string; readonly options: JwtOptions }
  | { readonly op: 'verifyPassword'; readonly password: Binary; readonly hash: string }
  | { readonly op: 'randomBytes'; readonly size: number }

type Binary = Uint8Array<ArrayBuffer>
type Op = CryptoRequest['op']
type Fields = Readonly<Record<string, unknown>>

const CLAIM_BYTES = 1024

/** Text of any kind: keys have line breaks, and a stranger's token may have anything. */
function anyText(most: number): Field {
  const what = new Mistake(`: must be text of at most ${most} characters`)
  return (value) => (typeof value === 'string' && value.length <= most ? value : what)
}

/** Text, or the name of a secret. */
function orSecret(field: Field): Field {
  return (value) => (isObject(value) ? secretName(value) : field(value))
}

const keyBytes = bytesOf('key', CRYPTO_BYTES)
const name = oneOf('sha1', 'sha256', 'sha384', 'sha512')
const algorithms = list(oneOf(...JWT_ALGORITHMS), JWT_ALGORITHMS.length)
const jwtOptions = object(
  {
    algorithms: (value) =>
      Array.isArray(value) && value.length === 0
        ? new Mistake(': must name at least one')
        : algorithms(value),
    issuer: text(CLAIM_BYTES),
    audience: text(CLAIM_BYTES),
    clockToleranceSec: integer(0, JWT_CLOCK_TOLERANCE_SEC),
  },
  ['algorithms'],
)

const REQUEST = operations({
  digest: [{ name, ...bytesOf('data', CRYPTO_BYTES) }, ['name']],
  hmac: [
    {
      name,
      key: orSecret(keyBytes['key'] as Field),
      key64: keyBytes['key64'] as Field,
      ...bytesOf('data', CRYPTO_BYTES),
    },
    ['name'],
  ],
  verifyJwt: [
    {
      // of any length: too long a token is a stranger's, and no mistake of the plugin's
      token: anyText(Number.POSITIVE_INFINITY),
      key: orSecret(anyText(JWT_KEY_CHARS)),
      options: jwtOptions,
    },
    ['token', 'key', 'options'],
  ],
  verifyPassword: [{ ...bytesOf('password', CRYPTO_BYTES), hash: anyText(PASSWORD_HASH_CHARS) }, ['hash']],
  randomBytes: [{ size: integer(1, RANDOM_BYTES) }, ['size']],
})

/**
 * Reads and checks what the guest sends, and puts secrets in.
 *
 * @throws Refusal `invalid` with what is wrong and where, `unavailable` for a secret that is not there.
 */
export function readCryptoRequest(
  argument: unknown,
  secrets: Readonly<Record<string, string>>,
): CryptoRequest {
  const fields = checked(REQUEST, argument) as Fields
  switch (fields['op'] as Op) {
    case 'digest':
      return { op: 'digest', name: fields['name'] as DigestName, data: required('data', fields) }
    case 'hmac':
      return {
        op: 'hmac',
        name: fields['name'] as DigestName,
        key: required('key', { ...fields, key: filled(fields['key'], secrets) }),
        data: required('data', fields),
      }
    case 'verifyJwt':
      return {
        op: 'verifyJwt',
        token: fields['token'] as string,
        key: filled(fields['key'], secrets) as string,
        options: fields['options'] as JwtOptions,
      }
    case 'verifyPassword':
      return {
        op: 'verifyPassword',
        password: required('password', fields),
        hash: fields['hash'] as string,
      }
    case 'randomBytes':
      return { op: 'randomBytes', size: fields['size'] as number }
  }
}

function filled(key: unknown, secrets: Readonly<Record<string, string>>): unknown {
  return isSecretName(key) ? fillSecret(key, secrets) : key
}

function required(name: string, fields: Fields): Binary {
  const bytes = decodeBytes(name, fields)
  if (bytes === undefined) throw new Refusal('invalid', `${name}: is missing`)
  return bytes
}
