import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha512Crypt } from '../../../../sandbox/host/capabilities/sha512-crypt.ts'

/** Of the specification, SHA-crypt.txt: salt, rounds, password, what comes of it. */
const SPECIFIED = [
  [
    'saltstring',
    5000,
    'Hello world!',
    'svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'saltstringsaltst',
    10_000,
    'Hello world!',
    'OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    'toolongsaltstrin',
    5000,
    'This is just a test',
    'lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
  ],
  [
    'anotherlongsalts',
    1400,
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    'POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
  ],
  [
    'short',
    77_777,
    'we have a short salt string but not a short password',
    'WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
  ],
] as const

describe('sha512-crypt', () => {
  for (const [salt, rounds, password, made] of SPECIFIED) {
    it(`is as its specification has it: ${JSON.stringify(password)}`, () => {
      assert.equal(sha512Crypt(Buffer.from(password), Buffer.from(salt), rounds), made)
    })
  }

  it('differs with each bit, and takes an empty password', () => {
    const [salt, rounds] = [Buffer.from('salt'), 1000]
    const made = new Set(['', 'a', 'b'].map((text) => sha512Crypt(Buffer.from(text), salt, rounds)))
    assert.equal(made.size, 3)
    for (const text of made) assert.match(text, /^[./0-9A-Za-z]{86}$/)
  })
})
