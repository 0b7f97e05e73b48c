import { createHash, createPrivateKey, createPublicKey, type KeyObject, scrypt, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { BulkheadError } from '../../base/errors.ts'

/** A secret key as minisign keeps it, opened. */
export interface SecretKey {
  /** Eight bytes that name the pair. */
  readonly number: Buffer
  readonly key: KeyObject
}

// where what is in the key's one line: the signature's kind, the password's, the check's, then the password's
// salt and cost, then what the password hides
const KINDS = 6
const SALT = 32
const COSTS = 16
const NUMBER = 8
const SEED = 32
const KEY = 64
const CHECK = 32
const HIDDEN = NUMBER + KEY + CHECK
const PLAIN_KINDS = 'Ed\0\0B2'
const LOCKED_KINDS = 'EdScB2'

/** What precedes an Ed25519 seed to make it PKCS#8 [RFC 8410]. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * Opens a secret key of minisign, or of `bulkhead plugin sign --generate`.
 *
 * @param password asked for where the key is locked.
 * @throws BulkheadError ERR_USAGE: it is none, or the password is wrong.
 */
export async function openSecretKey(text: string, password: () => Promise<string>): Promise<SecretKey> {
  const bytes = Buffer.from(text.split('\n')[1] ?? '', 'base64')
  if (bytes.length !== KINDS + SALT + COSTS + HIDDEN) throw unusable('it is no secret key of minisign')
  const kinds = bytes.toString('latin1', 0, KINDS)
  if (kinds !== PLAIN_KINDS && kinds !== LOCKED_KINDS) throw unusable('it is of a kind that is not known')
  const hidden = bytes.subarray(KINDS + SALT + COSTS)
  const open = kinds === PLAIN_KINDS ? hidden : await unlocked(bytes, hidden, await password())
  const [number, pair] = [open.subarray(0, NUMBER), open.subarray(NUMBER, NUMBER + KEY)]
  const der = Buffer.concat([PKCS8, pair.subarray(0, SEED)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  // the pair's other half says whether this one was opened rightly
  if (!pair.subarray(SEED).equals(publicHalf(key))) throw unusable('the password is wrong, or it is damaged')
  return { number, key }
}

function publicHalf(key: KeyObject): Buffer {
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url')
}

/** The text of a `.minisig` of these bytes, as `minisign -S` writes it. */
export function minisignature({ number, key }: SecretKey, bytes: Uint8Array, trustedComment: string): string {
  const signature = sign(null, createHash('blake2b512').update(bytes).digest(), key)
  const global = sign(null, Buffer.concat([signature, Buffer.from(trustedComment)]), key)
  const line = Buffer.concat([Buffer.from('ED'), number, signature]).toString('base64')
  return (
    `untrusted comment: signature from bulkhead plugin sign\n${line}\n` +
    `trusted comment: ${trustedComment}\n${global.toString('base64')}\n`
  )
}

async function unlocked(bytes: Buffer, hidden: Buffer, password: string): Promise<Buffer> {
  const salt = bytes.subarray(KINDS, KINDS + SALT)
  const ops = Number(bytes.readBigUInt64LE(KINDS + SALT))
  const memory = Number(bytes.readBigUInt64LE(KINDS + SALT + 8))
  const { N, r, p } = scryptCosts(ops, memory)
  if (128 * N * r > MOST_MEMORY) throw unusable('opening it needs more memory than anybody’s key does')
  const pad = await promisify<string, Buffer, number, object, Buffer>(scrypt)(password, salt, HIDDEN, {
    N,
    r,
    p,
    maxmem: 2 * MOST_MEMORY,
  })
  return Buffer.from(hidden.map((byte, place) => byte ^ (pad[place] ?? 0)))
}

/** libsodium's way from its two limits to scrypt's three costs. */
function scryptCosts(
  operations: number,
  memory: number,
): { readonly N: number; readonly r: number; readonly p: number } {
  const r = 8
  const ops = Math.max(operations, 32_768)
  const isByOps = ops < memory / 32
  const maxN = isByOps ? ops / (r * 4) : memory / (r * 128)
  let bits = 1
  while (bits < 63 && 2 ** bits <= maxN / 2) bits += 1
  const N = 2 ** bits
  const p = isByOps ? 1 : Math.max(1, Math.floor(Math.min(ops / 4 / N, 0x3fff_ffff) / r))
  return { N, r, p }
}

const MOST_MEMORY = 2 ** 30

function unusable(why: string): BulkheadError {
  return new BulkheadError('ERR_USAGE', `the secret key cannot be used: ${why}`)
}
