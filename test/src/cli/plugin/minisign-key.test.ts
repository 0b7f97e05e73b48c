import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { minisignature, openSecretKey } from '../../../../src/cli/plugin/minisign-key.ts'
import { parsePublicKey, verifySignature } from '../../../../src/hosting/minisign.ts'

// a pair made by minisign 0.11 with -W, for these tests alone
const PUBLIC = 'RWTouxmzhYH9tBgjvM1d8db9UKT4VaKNE1SLc1UZ1BcqnPL1w/1L6wVL'
const LINE =
  'RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA6LsZs4WB/bQD2fUrDLzdEaEV3pAw' +
  '7Lt788+4JAJUn+N9wyyYk+fI0xgjvM1d8db9UKT4VaKNE1SLc1UZ1BcqnPL1w/1L6wVL' +
  `${'A'.repeat(43)}=`
const PLAIN = `untrusted comment: minisign encrypted secret key\n${LINE}\n`
const BYTES = Buffer.from('a bundle')
const nobody = (): Promise<string> => assert.fail('no password is needed')

/** The same key behind a password, at a cost that tests can pay. */
function locked(password: string): string {
  const bytes = Buffer.from(LINE, 'base64')
  bytes.write('Sc', 2, 'latin1')
  bytes.fill(7, 6, 38)
  bytes.writeBigUInt64LE(32_768n, 38)
  bytes.writeBigUInt64LE(16_777_216n, 46)
  const pad = scryptSync(password, bytes.subarray(6, 38), 104, { N: 1024, r: 8, p: 1 })
  for (const [place, byte] of pad.entries()) bytes[54 + place] = (bytes[54 + place] ?? 0) ^ byte
  return `untrusted comment: x\n${bytes.toString('base64')}\n`
}

describe('a secret key of minisign', () => {
  it('signs what its public key proves, comment and all', async () => {
    const text = minisignature(await openSecretKey(PLAIN, nobody), BYTES, 'v1')
    const signed = verifySignature(BYTES, text, [parsePublicKey(PUBLIC)])
    assert.deepEqual(signed, { keyId: 'B4FD8185B319BBE8', trustedComment: 'v1' })
    assert.throws(() => verifySignature(Buffer.from('another'), text, [parsePublicKey(PUBLIC)]))
  })

  it('is opened by its password alone', async () => {
    const key = await openSecretKey(locked('right'), () => Promise.resolve('right'))
    verifySignature(BYTES, minisignature(key, BYTES, ''), [parsePublicKey(PUBLIC)])
    const wrong = openSecretKey(locked('right'), () => Promise.resolve('wrong'))
    await assert.rejects(wrong, { code: 'ERR_USAGE', message: /password is wrong/ })
  })

  for (const [what, text] of [
    ['nothing', ''],
    ['a public key', `untrusted comment: x\n${PUBLIC}\n`],
    ['one of another kind', PLAIN.replace('RWQA', 'RWQB')],
    ['one that is damaged', PLAIN.replace('A9n1Kw', 'A9n1Kx').replace('bQD2f', 'bQD2g')],
  ] as const)
    it(`${what} is none`, async () => {
      await assert.rejects(openSecretKey(text, nobody), { code: 'ERR_USAGE' })
    })
})
