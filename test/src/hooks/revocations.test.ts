import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REVOCATIONS_PER_PLUGIN } from '../../../src/base/limits.ts'
import { Revocations } from '../../../src/hooks/revocations.ts'

const ANN = { clientId: 'ann', tag: undefined }

test('what was asked for before is taken back of that client alone, or under that tag alone', () => {
  const revocations = new Revocations()
  revocations.add({ clientId: 'ann' }, 100)
  revocations.add({ tag: 'team' }, 200)
  assert.equal(revocations.concerns(ANN, 100), true)
  assert.equal(revocations.concerns(ANN, 100.1), false, 'it was asked after')
  assert.equal(revocations.concerns({ clientId: 'bob', tag: undefined }, 0), false)
  assert.equal(revocations.concerns({ clientId: 'bob', tag: 'team' }, 200), true)
  assert.equal(revocations.concerns({ clientId: 'bob', tag: 'ann' }, 0), false, 'a tag is no client')
})

test('the later of two times counts', () => {
  const revocations = new Revocations()
  revocations.add({ clientId: 'ann' }, 100)
  revocations.add({ clientId: 'ann' }, 300)
  assert.equal(revocations.concerns(ANN, 200), true)
})

test('beyond the bound what is older counts as taken back, whomever it was about', () => {
  const revocations = new Revocations()
  for (let at = 1; at <= REVOCATIONS_PER_PLUGIN; at += 1) revocations.add({ tag: `tag ${at}` }, at)
  assert.equal(revocations.concerns(ANN, 1), false)
  revocations.add({ tag: 'one more' }, REVOCATIONS_PER_PLUGIN + 1)
  assert.equal(revocations.concerns(ANN, 1), true)
  assert.equal(revocations.concerns(ANN, 1.1), false)
})
