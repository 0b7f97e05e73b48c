import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../../src/base/digest.ts'

test('a digest is what sha256sum prints [FIPS 180-4]', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  assert.equal(digestOf(Buffer.from('abc')), abc)
})
