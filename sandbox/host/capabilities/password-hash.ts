import { ARGON2_MOST, BCRYPT_COST, PASSWORD_HASH_CHARS, PBKDF2_ROUNDS, SHA512_CRYPT } from '../../limits.ts'
import { Refusal } from './power.ts'

/** A stored password, taken apart, its cost within bounds. */
export type PasswordHash =
  | {
      readonly kind: 'argon2id'
      readonly memoryKiB: number
      readonly passes: number
      readonly lanes: number
      readonly salt: Buffer
      readonly key: Buffer
    }
  | { readonly kind: 'bcrypt'; readonly salt: string; readonly key: string }
  | {
      readonly kind: 'pbkdf2'
      readonly digest: string
      readonly rounds: number
      readonly salt: Buffer
      readonly key: Buffer
    }
  | { readonly kind: 'sha512crypt'; readonly rounds: number; readonly salt: Buffer; readonly key: string }

const ARGON2 = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,8}),p=(\d{1,8})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const BCRYPT = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/
/** As mosquitto_passwd writes it; its base64 is padded. */
const MOSQUITTO = /^\$7\$(\d{1,8})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})$/
/** passlib writes `.` for base64's `+`. */
const PBKDF2 = /^\$pbkdf2-(sha256|sha512)\$(\d{1,8})\$([A-Za-z0-9+./]*)\$([A-Za-z0-9+./]+)$/
const CRYPT = /^\$6\$(?:rounds=(\d{1,8})\$)?([^$:\s]{1,16})\$([./0-9A-Za-z]{86})$/

/**
 * Reads a password hash in one of the forms that `ctx.crypto.verifyPassword` knows. A plugin may have got it
 * from anywhere: what would take too long to check is no better than what is wrong.
 *
 * @throws Refusal `invalid`, which does not repeat the hash.
 */
export function readPasswordHash(text: string): PasswordHash {
  const hash =
    text.length > PASSWORD_HASH_CHARS
      ? undefined
      : (argon2id(text) ?? bcrypt(text) ?? pbkdf2(text) ?? mosquitto(text) ?? sha512crypt(text))
  if (hash !== undefined) return hash
  throw new Refusal(
    'invalid',
    'hash: must be $argon2id$v=19$m=…,t=…,p=…$SALT$HASH, $2b$COST$…, $pbkdf2-sha256$ROUNDS$SALT$HASH, ' +
      '$7$ROUNDS$SALT$HASH or $6$SALT$HASH',
  )
}

function argon2id(text: string): PasswordHash | undefined {
  const [, m, t, p, salt = '', key = ''] = ARGON2.exec(text) ?? []
  if (m === undefined) return undefined
  const [memoryKiB, passes, lanes] = [Number(m), Number(t), Number(p)]
  const { memoryKiB: memory, passes: most, lanes: wide } = ARGON2_MOST
  atMost('argon2id memory (m)', memoryKiB, memory)
  atMost('argon2id passes (t)', passes, most)
  atMost('argon2id lanes (p)', lanes, wide)
  if (memoryKiB < 8 * lanes) throw new Refusal('invalid', 'hash: argon2id needs 8 KiB of memory a lane')
  return {
    kind: 'argon2id',
    memoryKiB,
    passes,
    lanes,
    salt: bytes('salt', salt, 8),
    key: bytes('hash', key, 12),
  }
}

function bcrypt(text: string): PasswordHash | undefined {
  const [, cost, salt = '', key = ''] = BCRYPT.exec(text) ?? []
  if (cost === undefined) return undefined
  if (Number(cost) < 4) throw new Refusal('invalid', 'hash: bcrypt cost must be at least 4')
  atMost('bcrypt cost', Number(cost), BCRYPT_COST)
  // 2a, 2b and 2y name programs of different age, which agree on all passwords that are valid
  return { kind: 'bcrypt', salt: `$2b$${cost}$${salt}`, key }
}

function pbkdf2(text: string): PasswordHash | undefined {
  const [, digest = '', rounds, salt = '', key = ''] = PBKDF2.exec(text) ?? []
  if (rounds === undefined) return undefined
  atMost('PBKDF2 rounds', Number(rounds), PBKDF2_ROUNDS)
  return {
    kind: 'pbkdf2',
    digest,
    rounds: Number(rounds),
    salt: bytes('salt', salt, 0),
    key: bytes('hash', key, 16),
  }
}

function mosquitto(text: string): PasswordHash | undefined {
  const [, rounds, salt, key] = MOSQUITTO.exec(text) ?? []
  return rounds === undefined
    ? undefined
    : pbkdf2(`$pbkdf2-sha512$${rounds}$${salt ?? ''}$${key ?? ''}`.replaceAll('=', ''))
}

function sha512crypt(text: string): PasswordHash | undefined {
  const [, written, salt = '', key] = CRYPT.exec(text) ?? []
  if (key === undefined) return undefined
  const { leastRounds, rounds: byDefault, mostRounds } = SHA512_CRYPT
  const rounds = written === undefined ? byDefault : Number(written)
  if (rounds < leastRounds) throw new Refusal('invalid', `hash: sha512-crypt needs ${leastRounds} rounds`)
  atMost('sha512-crypt rounds', rounds, mostRounds)
  return { kind: 'sha512crypt', rounds, salt: Buffer.from(salt), key }
}

function atMost(what: string, given: number, most: number): void {
  if (given < 1) throw new Refusal('invalid', `hash: ${what} must be at least 1`)
  if (given > most) throw new Refusal('invalid', `hash: ${what} must be at most ${most}`)
}

function bytes(what: string, base64: string, least: number): Buffer {
  const decoded = Buffer.from(base64.replaceAll('.', '+'), 'base64')
  if (decoded.length >= least && decoded.length <= 64) return decoded
  throw new Refusal('invalid', `hash: its ${what} must be ${least} to 64 bytes`)
}
