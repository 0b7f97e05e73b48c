import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readPasswordHash } from '../../../../sandbox/host/capabilities/password-hash.ts'
import { Refusal } from '../../../../sandbox/host/capabilities/power.ts'

const SALT = 'c29tZXNhbHQ'
const KEY = 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
const CRYPT = 'x'.repeat(86)
const BCRYPT = 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

describe('a password hash', () => {
  it('says how it was made', () => {
    const { salt, key, ...cost } = readPasswordHash(`$argon2id$v=19$m=65536,t=2,p=1$${SALT}$${KEY}`)
    assert.deepEqual(cost, { kind: 'argon2id', memoryKiB: 65_536, passes: 2, lanes: 1 })
    assert.deepEqual([String(salt), key.length], ['somesalt', 32])
    assert.deepEqual(readPasswordHash(`$2y$05$${BCRYPT}`), {
      kind: 'bcrypt',
      salt: '$2b$05$CCCCCCCCCCCCCCCCCCCCC.',
      key: 'E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    })
    const pbkdf2 = readPasswordHash(`$pbkdf2-sha512$29000$${SALT}$${KEY}`)
    assert.ok(pbkdf2.kind === 'pbkdf2')
    assert.deepEqual([pbkdf2.digest, pbkdf2.rounds], ['sha512', 29_000])
    const crypt = { kind: 'sha512crypt', salt: Buffer.from('salt'), key: CRYPT }
    assert.deepEqual(readPasswordHash(`$6$salt$${CRYPT}`), { ...crypt, rounds: 5000 })
    assert.deepEqual(readPasswordHash(`$6$rounds=1000$salt$${CRYPT}`), { ...crypt, rounds: 1000 })
  })

  it('that would take too long, or too much memory, is refused by name', () => {
    const costly: [string, string][] = [
      [`$argon2id$v=19$m=102401,t=1,p=1$${SALT}$${KEY}`, 'hash: argon2id memory (m) must be at most 102400'],
      [`$argon2id$v=19$m=64,t=11,p=1$${SALT}$${KEY}`, 'hash: argon2id passes (t) must be at most 10'],
      [`$argon2id$v=19$m=64,t=1,p=9$${SALT}$${KEY}`, 'hash: argon2id lanes (p) must be at most 8'],
      [`$argon2id$v=19$m=8,t=1,p=4$${SALT}$${KEY}`, 'hash: argon2id needs 8 KiB of memory a lane'],
      [`$argon2id$v=19$m=64,t=0,p=1$${SALT}$${KEY}`, 'hash: argon2id passes (t) must be at least 1'],
      [`$2b$15$${BCRYPT}`, 'hash: bcrypt cost must be at most 14'],
      [`$2b$03$${BCRYPT}`, 'hash: bcrypt cost must be at least 4'],
      [`$pbkdf2-sha256$1000001$${SALT}$${KEY}`, 'hash: PBKDF2 rounds must be at most 1000000'],
      [`$6$rounds=1000001$salt$${CRYPT}`, 'hash: sha512-crypt rounds must be at most 1000000'],
      [`$6$rounds=999$salt$${CRYPT}`, 'hash: sha512-crypt needs 1000 rounds'],
      [`$argon2id$v=19$m=64,t=1,p=1$AAAA$${KEY}`, 'hash: its salt must be 8 to 64 bytes'],
      [`$pbkdf2-sha256$1$${SALT}$AAAA`, 'hash: its hash must be 16 to 64 bytes'],
    ]
    for (const [hash, message] of costly) {
      assert.throws(() => readPasswordHash(hash), { code: 'invalid', message })
    }
  })
})

describe('what is no password hash that can be checked', () => {
  it('is refused, and not repeated', () => {
    const others = [
      '',
      'plain',
      `$argon2i$v=19$m=64,t=1,p=1$${SALT}$${KEY}`,
      '$2b$10$short',
      '$1$salt$md5crypt',
      `$6$${'s'.repeat(17)}$${CRYPT}`,
      `$6$salt$${CRYPT}==`,
      `$argon2id$m=64,t=1,p=1$${SALT}$${KEY}`,
      `$pbkdf2-sha256$-1$${SALT}$${KEY}`,
      `$2b$05$${BCRYPT}\n`,
    ]
    for (const hash of others) {
      assert.throws(
        () => readPasswordHash(hash),
        { code: 'invalid', message: /^hash: must be \$argon2id/ },
        hash,
      )
    }
  })

  it('is read or refused, whatever it is', () => {
    const part = fc.oneof(
      fc.constantFrom('$', 'argon2id', 'v=19', 'm=99999999', 't=1', 'p=1', ',', '2b', SALT, KEY),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        assert.throws(() => readPasswordHash(parts.join('')), Refusal)
      }),
    )
  })
})
