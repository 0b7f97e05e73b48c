import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { BulkheadError } from '../base/errors.ts'
import { SIGNATURE_CHARS } from '../base/limits.ts'

/** A key by which plugins may be signed, as minisign writes it. */
export interface TrustedKey {
  /** Eight bytes in upper-case hex, the way minisign shows them. */
  readonly id: string
  readonly key: KeyObject
}

/** By whom bytes were signed, and what else that key vouches for. */
export interface Signed {
  readonly keyId: string
  /** One line that the signature covers: the signer's own text, so that whoever shows it must escape it. */
  readonly trustedComment: string
}

/** Of the file: two bytes that say how, eight that name the key. */
const HEAD = 10
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Of the bytes themselves, as minisign signed before 0.6 and with `-l`, or of their BLAKE2b digest. */
const LEGACY = 'Ed'
const PREHASHED = 'ED'

/**
 * Reads a public key: the line of `minisign.pub` that is no comment, with it or alone.
 *
 * @throws BulkheadError ERR_PLUGIN_SIGNATURE
 */
export function parsePublicKey(text: string): TrustedKey {
  const lines = linesOf(text).filter((line) => !line.startsWith('untrusted comment:'))
  const bytes = lines.length === 1 ? base64(lines[0], HEAD + KEY_BYTES) : undefined
  if (bytes === undefined || headOf(bytes).algorithm !== LEGACY)
    throw refused('a trusted key is none; give the line that begins with RW of a minisign.pub')
  return { id: headOf(bytes).keyId, key: ed25519(bytes.subarray(HEAD)) }
}

/**
 * Holds a `.minisig` against the bytes that it is said to be of: both of its signatures, of the bytes and of
 * the comment with them, must be by one of the keys.
 *
 * @throws BulkheadError ERR_PLUGIN_SIGNATURE, which says which of it does not hold.
 */
export function verifySignature(bytes: Uint8Array, minisig: string, keys: readonly TrustedKey[]): Signed {
  if (minisig.length > SIGNATURE_CHARS) throw refused(`it has more than ${SIGNATURE_CHARS} characters`)
  const [untrusted, signatureLine, trusted, globalLine, ...rest] = linesOf(minisig)
  const signature = base64(signatureLine, HEAD + SIGNATURE_BYTES)
  const global = base64(globalLine, SIGNATURE_BYTES)
  const isWhole = untrusted?.startsWith('untrusted comment: ') === true && rest.length === 0
  if (!isWhole || signature === undefined || global === undefined || trusted?.startsWith(TRUSTED) !== true)
    throw refused('it is no .minisig: two comments, a signature below each')
  const { algorithm, keyId } = headOf(signature)
  if (algorithm !== LEGACY && algorithm !== PREHASHED) throw refused('it is of a kind that is not known')
  const signer = keys.find(({ id }) => id === keyId)
  if (signer === undefined) throw refused(`it is by the key ${keyId}, which the tenant does not trust`)
  const signed = algorithm === PREHASHED ? createHash('blake2b512').update(bytes).digest() : bytes
  if (!verify(null, signed, signer.key, signature.subarray(HEAD)))
    throw refused('it is not of these bytes; sign the file as it is uploaded')
  const trustedComment = trusted.slice(TRUSTED.length)
  const covered = Buffer.concat([signature.subarray(HEAD), Buffer.from(trustedComment)])
  if (!verify(null, covered, signer.key, global)) throw refused('its trusted comment was changed')
  return { keyId, trustedComment }
}

const TRUSTED = 'trusted comment: '

/** Lines as minisign writes them; one that is left empty at the end is none. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** Exactly so many bytes, written in the one way in which they can be. */
function base64(line: string | undefined, length: number): Buffer | undefined {
  if (line === undefined) return undefined
  const bytes = Buffer.from(line, 'base64')
  return bytes.length === length && bytes.toString('base64') === line ? bytes : undefined
}

/** The key's number is written with its last byte first. */
function headOf(bytes: Buffer): { readonly algorithm: string; readonly keyId: string } {
  const number = Buffer.from(bytes.subarray(2, HEAD).toReversed())
  return { algorithm: bytes.toString('latin1', 0, 2), keyId: number.toString('hex').toUpperCase() }
}

function ed25519(bytes: Buffer): KeyObject {
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  })
}

function refused(why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_SIGNATURE', `the signature is refused: ${why}`)
}
