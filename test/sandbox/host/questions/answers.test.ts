import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAnswers, readLoaded } from '../../../../sandbox/host/questions/answers.ts'

const NOTHING = { lines: [], dropped: 0, settled: [], calls: [], effects: [], notes: [] }

test('a plain array has nothing beside it', () => {
  assert.deepEqual(readAnswers('[1,{"verdict":"deny"}]', 2), { each: [1, { verdict: 'deny' }], side: null })
})

test('log lines, calls, effects, late answers and notes travel beside the answers', () => {
  const lines = readAnswers('{"a":[1],"l":[["info","x"]],"d":3}', 1)
  assert.deepEqual(lines, { each: [1], side: { ...NOTHING, lines: [['info', 'x']], dropped: 3 } })
  const body = '{"a":[[2]],"s":[1,3],"c":[[4,2,"kv",{}]],"x":[[0,"publish",{}]],"n":[["publish","t"]]}'
  assert.deepEqual(readAnswers(body, 1)?.side, {
    ...NOTHING,
    settled: [1, 3],
    calls: [[4, 2, 'kv', {}]],
    effects: [[0, 'publish', {}]],
    notes: [['publish', 't']],
  })
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
    '{"a":[1],"s":[1]}',
    '{"a":[1],"c":{}}',
    '{"a":[1],"x":1}',
    '{"a":[1],"n":""}',
  ]
  for (const body of odd) assert.equal(readAnswers(body, 1), undefined, body)
})

test('whatever a cell sends, reading it does not throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readAnswers(body, 1)))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readLoaded(body)))
})

test('a load is answered with an object, with its failure as text', () => {
  const nothing = { failure: undefined, manifest: undefined, waits: undefined, side: NOTHING }
  assert.deepEqual(readLoaded('{}'), nothing)
  assert.equal(readLoaded('{"w":3}')?.waits, 3)
  assert.equal(readLoaded('{"e":"no"}')?.failure, 'no')
  for (const body of ['[]', '{"e":1}', '{"w":0}', '{"w":"1"}', ''])
    assert.equal(readLoaded(body), undefined, body)
})

test('inherited keys do not count', () => {
  assert.equal(readAnswers('{"__proto__":{"a":[1]}}', 1), undefined)
})
