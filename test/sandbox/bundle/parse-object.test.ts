import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseObject } from '../../../sandbox/bundle/parse-object.ts'

test('an object is returned, everything else declares nothing', () => {
  assert.deepEqual(parseObject('{"name":"gate"}'), { name: 'gate' })
  for (const text of [undefined, '', '{', '[]', 'null', '7', '"text"'])
    assert.equal(parseObject(text), undefined)
})
