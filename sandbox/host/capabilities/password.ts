import { argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { ARGON2_USUAL, SHA512_CRYPT } from '../../limits.ts'
import { COSTLY_WORK } from './crypto-queue.ts'
import type { PasswordHash } from './password-hash.ts'
import type { CryptWork } from './sha512-crypt-thread.ts'

const derive = { argon2: promisify(argon2), pbkdf2: promisify(pbkdf2) }

/** The text that is stored of a password: argon2id with a salt of its own. It is made on another thread. */
export async function hashPassword(password: Uint8Array): Promise<string> {
  const { memoryKiB: memory, passes, lanes: parallelism, saltBytes, keyBytes: tagLength } = ARGON2_USUAL
  const nonce = randomBytes(saltBytes)
  const parameters = { message: password, nonce, parallelism, memory, passes, tagLength }
  const key = await derive.argon2('argon2id', parameters)
  const [salt, hash] = [nonce, key].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${salt}$${hash}`
}

/**
 * {@link matchesPassword}, when it is the tenant's turn: tenants and their plugins share the threads.
 *
 * @throws Refusal `limit`: too many checks wait already.
 */
export function checkPassword(tenant: string, password: Uint8Array, hash: PasswordHash): Promise<boolean> {
  return COSTLY_WORK.run(tenant, ALWAYS_WAITED_FOR, () => matchesPassword(password, hash))
}

const ALWAYS_WAITED_FOR = new AbortController().signal

/**
 * Whether a password is the one that was hashed. It is done on other threads, and takes as long for a wrong
 * password as for the right one.
 *
 * bcrypt looks at 72 bytes of a password, as it always has.
 */
export async function matchesPassword(password: Uint8Array, hash: PasswordHash): Promise<boolean> {
  switch (hash.kind) {
    case 'argon2id': {
      const { memoryKiB: memory, passes, lanes: parallelism, salt: nonce, key } = hash
      const parameters = { message: password, nonce, parallelism, memory, passes, tagLength: key.length }
      return timingSafeEqual(await derive.argon2('argon2id', parameters), key)
    }
    case 'pbkdf2': {
      const { salt, rounds, key, digest } = hash
      return timingSafeEqual(await derive.pbkdf2(password, salt, rounds, key.length, digest), key)
    }
    case 'bcrypt': {
      // its own compare stops at the first byte that differs
      const { default: bcrypt } = await import('bcrypt')
      const made = await bcrypt.hash(Buffer.from(password), hash.salt)
      return timingSafeEqual(Buffer.from(made.slice(-hash.key.length)), Buffer.from(hash.key))
    }
    case 'sha512crypt': {
      const { salt, rounds, key } = hash
      // its work grows with the square of the password's length
      if (password.length > SHA512_CRYPT.passwordBytes) return false
      return timingSafeEqual(Buffer.from(await crypt({ password, salt, rounds })), Buffer.from(key))
    }
  }
}

/** Node has no crypt of its own for its thread pool: what takes a second runs on a thread for the purpose. */
async function crypt(work: CryptWork): Promise<string> {
  const thread = new Worker(new URL('./sha512-crypt-thread.ts', import.meta.url), {
    workerData: work,
    env: {},
    execArgv: [],
  })
  try {
    const [made] = (await once(thread, 'message')) as [string]
    return made
  } finally {
    await thread.terminate()
  }
}
