import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageBodies } from '../../../../src/engine/sqlite/message-bodies.ts'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { looked, openedStore, type RecordedStore } from '../../../support/recorded-store.ts'
import { dataFolder, JSON_CODEC } from '../../../support/sqlite-engine.ts'

/** Puts a message into a queue, so that its body stays. */
function enqueue({ store }: RecordedStore, place: number, mid: number): void {
  store.begin().u8(Operation.enqueue).number(1).number(place).number(mid).text('').u32(0)
}

test('a message is written once for all queues of a batch, and anew for those of another', async (context) => {
  const folder = dataFolder()
  const stage = await openedStore(context, folder)
  const bodies = new MessageBodies(stage.store, JSON_CODEC)
  const message = { text: 'of all' }
  for (const place of [1, 2]) enqueue(stage, place, bodies.midOf(message))
  enqueue(stage, 3, bodies.midOf({ text: 'of all' }))
  await stage.safe()
  // its body may be gone by now
  enqueue(stage, 4, bodies.midOf(message))
  await stage.safe()
  const rows = looked(folder, 'SELECT place, mid, body FROM queue JOIN message USING (mid) ORDER BY place')
  assert.deepEqual(
    rows.map(({ place, mid, body }) => [place, mid, Buffer.from(body as Uint8Array).toString()]),
    [
      [1, 1, '{"text":"of all"}'],
      [2, 1, '{"text":"of all"}'],
      [3, 2, '{"text":"of all"}'],
      [4, 3, '{"text":"of all"}'],
    ],
  )
})

test('a message that cannot be written down leaves the batch whole', async (context) => {
  const folder = dataFolder()
  const stage = await openedStore(context, folder)
  const bodies = new MessageBodies<{ size: bigint | number }>(stage.store, JSON_CODEC)
  stage.write('before')
  assert.throws(() => bodies.midOf({ size: 1n }), TypeError)
  enqueue(stage, 1, bodies.midOf({ size: 1 }))
  await stage.safe()
  assert.deepEqual(looked(folder, 'SELECT mid FROM message'), [{ mid: 1 }])
  assert.equal(looked(folder, 'SELECT topic FROM retained').length, 1)
})
