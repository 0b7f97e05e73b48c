import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchesPassword } from '../../../../sandbox/host/capabilities/password.ts'
import { readPasswordHash } from '../../../../sandbox/host/capabilities/password-hash.ts'

/** Passwords and hashes that others made. */
const MADE: Readonly<Record<string, readonly (readonly [string | Buffer, string])[]>> = {
  "argon2's reference implementation": [
    ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
    ['password', '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc'],
  ],
  "Openwall's crypt_blowfish": [
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    [Buffer.from([0xa3]), '$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq'],
    [Buffer.from([0xa3]), '$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq'],
  ],
  "Python's hashlib": [
    ['grüße', '$pbkdf2-sha256$20000$c2l4dGVlbiBieXRlIHNsdA$qGV0doKreyvFP57BgJ8sI4Qp2bOOb/1F9bA6INrlugo'],
    [
      'grüße',
      '$pbkdf2-sha512$20000$c2l4dGVlbiBieXRlIHNsdA$3qSzlOPM4H9ickS6' +
        '9Npeg1dmNnio9MSf/sskMxd5wFah2IzqLDftYcQczAF9RgIOAhWwUqGQuc.Ajonb7nALuA',
    ],
  ],
  "glibc's crypt(3) and openssl": [
    [
      'wonderland',
      '$6$rounds=1000$saltsalt$pQWBrsgA00L1zt0NV83o5Uy3u2ESn9flfn/e0RE60Qd3' +
        'XQ98aH6gvroXwANv1Mme759YpleQlaVoQ6O/meimK1',
    ],
    [
      'wonderland',
      '$6$saltsaltsaltsalt$Sd742etBUKOVSWtJfOnFNIDpKx3SYaIip3M2SACO' +
        'WozOykW4vfKjuM6jJy1h9OVHtcSfoiiAW84vH7YHI672b.',
    ],
    [
      'wonderland',
      '$6$abcdefgh$e1o..VsKRS0O4M9J1Qb9u.strxNEAfDkCXcaYc5TsDrJFctQCTMkPeis45vy3ZQtqt4dqG4vXTonFJKbQgR2Q1',
    ],
  ],
  "passlib's manual": [
    [
      'toomanysecrets',
      '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk',
    ],
  ],
}

/** PBKDF2-HMAC-SHA256 of RFC 7914, section 11. */
const RFC_7914 = [
  [
    'passwd',
    'salt',
    1,
    '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc' +
      '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
  ],
  [
    'Password',
    'NaCl',
    80_000,
    '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56' +
      'a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
  ],
] as const

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function matches(password: string | Buffer, hash: string): Promise<boolean> {
  return matchesPassword(Buffer.from(password as string), readPasswordHash(hash))
}

describe('a password', () => {
  for (const [maker, hashes] of Object.entries(MADE)) {
    it(`is the one that ${maker} hashed, and no other is`, async () => {
      for (const [password, hash] of hashes) {
        assert.equal(await matches(password, hash), true, hash)
        assert.equal(await matches(`${password.toString()}x`, hash), false, hash)
        assert.equal(await matches('', hash), false, hash)
      }
    })
  }

  it('is checked as the RFC has PBKDF2', async () => {
    for (const [password, salt, rounds, key] of RFC_7914) {
      const hash = `$pbkdf2-sha256$${rounds}$${base64(Buffer.from(salt))}$${base64(Buffer.from(key, 'hex'))}`
      assert.equal(await matches(password, hash), true)
      assert.equal(await matches(`${password} `, hash), false)
    }
  })

  it('does not end at a zero byte', async () => {
    const { default: bcrypt } = await import('bcrypt')
    const hash = await bcrypt.hash('abc\0def', 4)
    assert.deepEqual(
      await Promise.all(['abc\0def', 'abc', 'abc\0xyz'].map((password) => matches(password, hash))),
      [true, false, false],
    )
  })
})
