import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { JWT_KEYS, RSA_BITS } from '../../limits.ts'
import type { JwtOptions } from '../../sdk/powers.ts'
import { isObject } from '../fields.ts'
import { Refusal } from './power.ts'

export type JwtAlgorithm = JwtOptions['algorithms'][number]

/** What a key can be; `HMAC` is a shared secret. */
type Kind = 'HMAC' | 'RSA' | 'P-256' | 'P-384' | 'Ed25519'

/** Which kind of key each algorithm takes: a public key is never taken for a shared secret. */
const KINDS: Readonly<Record<JwtAlgorithm, Kind>> = {
  HS256: 'HMAC',
  HS384: 'HMAC',
  HS512: 'HMAC',
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  ES256: 'P-256',
  ES384: 'P-384',
  EdDSA: 'Ed25519',
}

export const JWT_ALGORITHMS: readonly JwtAlgorithm[] = Object.keys(KINDS) as JwtAlgorithm[]

/** Bytes that an HMAC key must have at least [RFC 7518, 3.2]. */
const HMAC_BYTES: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 }

const CURVES: Readonly<Record<string, Kind>> = { prime256v1: 'P-256', secp384r1: 'P-384' }

/** One of the keys that a token may be signed with. */
export interface JwtKey {
  readonly kind: Kind
  readonly kid: string | undefined
  /** The one algorithm that it is for, if it says so. */
  readonly alg: string | undefined
  /** @throws Refusal `invalid` if its numbers are no key. */
  open(): KeyObject
}

/**
 * Reads a key as text: PEM, a JWK, a JWK set, or else an HMAC key. Each algorithm that the plugin admits must
 * be for a key that is there, and shared secrets do not mix with public keys: the classic way to forge a
 * token is to sign it with the public key as if that were a secret.
 *
 * @throws Refusal `invalid`, which does not repeat the key.
 */
export function readKeys(text: string, algorithms: readonly JwtAlgorithm[]): JwtKey[] {
  const keys = keysIn(text)
  const isShared = (algorithm: JwtAlgorithm): boolean => KINDS[algorithm] === 'HMAC'
  if (algorithms.some(isShared) && !algorithms.every(isShared)) {
    throw new Refusal('invalid', 'algorithms: shared secrets (HS…) and public keys do not mix')
  }
  for (const algorithm of algorithms) {
    if (keys.some(({ kind }) => kind === KINDS[algorithm])) continue
    throw new Refusal('invalid', `key: ${algorithm} needs a key of the kind ${KINDS[algorithm]}`)
  }
  return keys
}

/**
 * The key for a token: the one of its `kid`, or the only one that fits.
 *
 * @returns undefined if there is none, or no telling which.
 * @throws Refusal `invalid` for a key that is too weak, or none.
 */
export function keyFor(
  keys: readonly JwtKey[],
  algorithm: JwtAlgorithm,
  kid: string | undefined,
): KeyObject | undefined {
  const fitting = keys.filter(
    (key) =>
      key.kind === KINDS[algorithm] &&
      (key.alg === undefined || key.alg === algorithm) &&
      (kid === undefined || key.kid === undefined || key.kid === kid),
  )
  const named = fitting.filter((key) => kid !== undefined && key.kid === kid)
  const [key, ...others] = named.length > 0 ? named : fitting
  if (key === undefined || others.length > 0) return undefined
  return strong(key.open(), algorithm)
}

function keysIn(text: string): JwtKey[] {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) return jwks(trimmed)
  if (!trimmed.includes('-----BEGIN ')) {
    return [{ kind: 'HMAC', kid: undefined, alg: undefined, open: () => createSecretKey(text, 'utf8') }]
  }
  if (!/^-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----\n/.test(trimmed.replaceAll('\r', ''))) {
    throw new Refusal('invalid', 'key: PEM must be a PUBLIC KEY or a CERTIFICATE')
  }
  const key = opened(() => createPublicKey(trimmed))
  const kind = kindOf(key)
  return kind === undefined ? [] : [{ kind, kid: undefined, alg: undefined, open: () => key }]
}

function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): Kind | undefined {
  if (type === 'rsa') return 'RSA'
  if (type === 'ed25519') return 'Ed25519'
  return type === 'ec' ? CURVES[details?.namedCurve ?? ''] : undefined
}

/** The keys of a JWK or a JWK set; those of other kinds, or for encryption, are passed over [RFC 7517, 5]. */
function jwks(text: string): JwtKey[] {
  const parsed = opened(() => JSON.parse(text) as unknown)
  const set = isObject(parsed) && Object.hasOwn(parsed, 'keys') ? parsed['keys'] : [parsed]
  if (!Array.isArray(set) || set.length > JWT_KEYS) {
    throw new Refusal('invalid', `key: a JWK set must have at most ${JWT_KEYS} keys`)
  }
  return set.flatMap((jwk: unknown) => (isObject(jwk) ? (jwkKey(jwk) ?? []) : []))
}

function jwkKey(jwk: Readonly<Record<string, unknown>>): JwtKey | undefined {
  const { kty, crv, use, kid, alg, k } = jwk
  const kind =
    kty === 'oct' ? 'HMAC' : kty === 'RSA' ? 'RSA' : kty === 'EC' || kty === 'OKP' ? crv : undefined
  if (!isKind(kind) || (use !== undefined && use !== 'sig')) return undefined
  return {
    kind,
    kid: typeof kid === 'string' ? kid : undefined,
    alg: typeof alg === 'string' ? alg : undefined,
    open: () => opened(() => (typeof k === 'string' && kind === 'HMAC' ? shared(k) : publicKey(jwk))),
  }
}

function shared(base64url: string): KeyObject {
  return createSecretKey(base64url, 'base64url')
}

function publicKey(jwk: Readonly<Record<string, unknown>>): KeyObject {
  return createPublicKey({ key: { ...jwk }, format: 'jwk' })
}

function isKind(value: unknown): value is Kind {
  return Object.values(KINDS).includes(value as Kind)
}

function opened<T>(open: () => T): T {
  try {
    return open()
  } catch {
    throw new Refusal('invalid', 'key: is no key that can be read')
  }
}

function strong(key: KeyObject, algorithm: JwtAlgorithm): KeyObject {
  const least = HMAC_BYTES[algorithm]
  if (least !== undefined && (key.symmetricKeySize ?? 0) < least) {
    throw new Refusal('invalid', `key: ${algorithm} needs at least ${least} bytes [RFC 7518, 3.2]`)
  }
  const { modulusLength: bits, publicExponent } = key.asymmetricKeyDetails ?? {}
  if (bits === undefined || publicExponent === undefined) return key
  if (bits < RSA_BITS.least || bits > RSA_BITS.most || publicExponent >> BigInt(RSA_BITS.exponent) > 0n) {
    throw new Refusal('invalid', `key: RSA must have ${RSA_BITS.least} to ${RSA_BITS.most} bits`)
  }
  return key
}
