import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoredJson } from '../../../src/hosting/stored-json.ts'

const reader = new StoredJson<{ name: string }>('token', {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
})

test('what fits is read; what does not is not used in part, and the error says what to do', () => {
  assert.deepEqual(reader.read('a', '{"name":"x"}'), { name: 'x' })
  for (const text of ['', '{', '[]', '{"name":1}', '{"name":"x","more":1}', 'null'])
    assert.throws(() => reader.read('a', text), {
      code: 'ERR_STORE',
      message: /stored token "a" .* restore a backup/,
    })
})
