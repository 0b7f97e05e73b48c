import { argon2, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { PasswordHash } from './password-hash.ts'

const derive = { argon2: promisify(argon2), pbkdf2: promisify(pbkdf2) }

/**
 * Whether a password is the one that was hashed. It is done on the thread pool, and takes as long for a wrong
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
  }
}
