import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Startup } from '../../../src/base/startup.ts'

/** A start of one step, which an interruption makes fail. */
function staged() {
  const said: string[] = []
  const step = Promise.withResolvers<void>()
  step.promise.catch(() => undefined)
  const startup = new Startup({
    interrupt: () => {
      said.push('interrupted')
      step.reject(new Error('a step was interrupted'))
      return Promise.resolve()
    },
    end: () => {
      said.push('ended')
      return Promise.resolve()
    },
  })
  return { startup, said, step }
}

test('a stop during the start interrupts it, and resolves when all is undone, which happens once', async () => {
  const { startup, said, step } = staged()
  const started = startup.start(() => step.promise)
  const refused = assert.rejects(started, { code: 'ERR_STOPPED' })
  await Promise.all([startup.stop(), startup.stop()])
  assert.deepEqual(said, ['interrupted', 'interrupted', 'ended'])
  await refused
})

test('a step that looks is stopped there, though nothing failed', async () => {
  const { startup, said } = staged()
  const first = Promise.withResolvers<void>()
  const refused = assert.rejects(
    startup.start(async () => {
      await first.promise
      startup.goOn()
      said.push('went on')
    }),
    { code: 'ERR_STOPPED' },
  )
  const stopped = startup.stop()
  first.resolve()
  await Promise.all([stopped, refused])
  assert.deepEqual(said, ['interrupted', 'ended'])
})

test('a start that fails is undone before it says so; a stop behind it undoes nothing twice', async () => {
  const { startup, said } = staged()
  await assert.rejects(
    startup.start(() => Promise.reject(new Error('no port'))),
    /no port/,
  )
  await startup.stop()
  assert.deepEqual(said, ['ended'])
})

test('after a start the end is what a stop is; a start after it is refused', async () => {
  const { startup, said } = staged()
  await startup.start(() => Promise.resolve())
  assert.equal(startup.isStopped, false)
  await startup.stop()
  assert.deepEqual([said, startup.isStopped], [['ended'], true])
  await assert.rejects(
    startup.start(() => Promise.resolve()),
    { code: 'ERR_STOPPED' },
  )
})
