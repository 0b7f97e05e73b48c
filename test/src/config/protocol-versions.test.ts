import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProtocolVersions } from '../../../src/config/protocol-versions.ts'

test('versions are a list, or one as mosquitto writes it', () => {
  assert.deepEqual(parseProtocolVersions([5]), [5])
  assert.deepEqual(parseProtocolVersions('3 ,4, 5'), [3, 4, 5])
  assert.deepEqual(parseProtocolVersions(' , 4 ,, 5 '), [4, 5])
})

test('what names no version, or one that there is not, is no such list', () => {
  for (const written of ['', ' , ', '6', '3,x', '3.1', '34', '5.0', 'constructor']) {
    assert.equal(parseProtocolVersions(written), undefined, written)
  }
  assert.equal(parseProtocolVersions([2]), undefined)
})
