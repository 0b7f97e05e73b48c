import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAnswers, readLoaded } from '../../../sandbox/host/answers.ts'

test('a plain array has no log lines beside it', () => {
  assert.deepEqual(readAnswers('[1,{"verdict":"deny"}]', 2), {
    each: [1, { verdict: 'deny' }],
    lines: [],
    dropped: 0,
  })
})

test('log lines travel beside the answers', () => {
  const answers = readAnswers('{"a":[1],"l":[["info","x"]],"d":3}', 1)
  assert.deepEqual(answers, { each: [1], lines: [['info', 'x']], dropped: 3 })
})

test('a body that no guest writes is refused: other counts, other shapes, no JSON', () => {
  const odd = [
    '[1,1]',
    '[]',
    '{}',
    '1',
    'null',
    '"a"',
    '',
    '[',
    '{"a":[1],"l":1}',
    '{"a":[1],"d":-1}',
    '{"a":1}',
  ]
  for (const body of odd) assert.equal(readAnswers(body, 1), undefined, body)
})

test('whatever a cell sends, reading it does not throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readAnswers(body, 1)))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readLoaded(body)))
})

test('a load is answered with an object, with its failure as text', () => {
  assert.deepEqual(readLoaded('{}'), { failure: undefined, manifest: undefined, lines: [], dropped: 0 })
  assert.equal(readLoaded('{"e":"no"}')?.failure, 'no')
  for (const body of ['[]', '{"e":1}', '']) assert.equal(readLoaded(body), undefined, body)
})

test('inherited keys do not count', () => {
  assert.equal(readAnswers('{"__proto__":{"a":[1]}}', 1), undefined)
})
