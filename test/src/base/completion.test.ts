import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Completion } from '../../../src/base/completion.ts'

test('it is done when its maker and all that was begun have ended, and says so once', () => {
  let done = 0
  const completion = new Completion(() => void (done += 1))
  completion.begin()
  completion.begin()
  completion.end()
  completion.end()
  assert.equal(done, 0)
  completion.end()
  assert.equal(done, 1)
})

test('where nothing is begun it is done when its maker is', () => {
  let done = 0
  new Completion(() => void (done += 1)).end()
  assert.equal(done, 1)
})
