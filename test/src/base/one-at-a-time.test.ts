import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHANGES_WAITING } from '../../../src/base/limits.ts'
import { OneAtATime } from '../../../src/base/one-at-a-time.ts'

test('work on the same thing is done in the order in which it came, and a failure stops nobody', async () => {
  const turns = new OneAtATime()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.run('a', async () => {
    await gate.promise
    done.push('first')
    throw new Error('failed')
  })
  const second = turns.run('a', async () => void done.push('second'))
  await turns.run('b', async () => void done.push('other'))
  gate.resolve()
  await assert.rejects(first, /failed/)
  await second
  assert.deepEqual(done, ['other', 'first', 'second'])
})

test('so many may wait, and no more; afterwards there is room again', async () => {
  const turns = new OneAtATime()
  const gate = Promise.withResolvers<void>()
  const waiting = Array.from({ length: CHANGES_WAITING }, () => turns.run('a', () => gate.promise))
  await assert.rejects(
    turns.run('a', () => gate.promise),
    { code: 'ERR_CONFLICT' },
  )
  await turns.run('b', () => Promise.resolve())
  gate.resolve()
  await Promise.all(waiting)
  assert.equal(await turns.run('a', () => Promise.resolve(7)), 7)
})
