/** What a password file says. */
export interface PasswordFile {
  /** User name to hash, in a form that `ctx.crypto.verifyPassword` reads. */
  readonly hashes: ReadonlyMap<string, string>
  /** The numbers of the lines that are no user with a hash that can be checked. */
  readonly useless: readonly number[]
}

/** argon2id, bcrypt, sha512-crypt, PBKDF2 as passlib writes it. */
const CHECKED = /^\$((argon2id|2[aby]|pbkdf2-sha(256|512))\$|6\$.+\$[./0-9A-Za-z]{86}$)/
/** PBKDF2 with SHA-512, as mosquitto_passwd writes it. */
const MOSQUITTO = /^\$7\$(\d+)\$([A-Za-z0-9+/]+)=*\$([A-Za-z0-9+/]+)=*$/

/**
 * Reads lines of `user:hash`, as htpasswd and mosquitto_passwd write them, and as aMQTT reads them. Empty
 * lines and lines that begin with `#` say nothing; of two lines for one user the last one counts.
 */
export function readPasswordFile(text: string): PasswordFile {
  const hashes = new Map<string, string>()
  const useless: number[] = []
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.trim()
    if (line === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    const hash = checkable(line.slice(colon + 1))
    if (colon > 0 && hash !== undefined) hashes.set(line.slice(0, colon), hash)
    else useless.push(index + 1)
  }
  return { hashes, useless }
}

function checkable(hash: string): string | undefined {
  const [, rounds, salt, key] = MOSQUITTO.exec(hash) ?? []
  if (rounds !== undefined) return `$pbkdf2-sha512$${rounds}$${salt}$${key}`
  return CHECKED.test(hash) ? hash : undefined
}
