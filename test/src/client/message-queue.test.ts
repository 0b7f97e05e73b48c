import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CLIENT_BYTES_WAITING, CLIENT_MESSAGES_WAITING } from '../../../src/base/limits.ts'
import { MessageQueue } from '../../../src/client/message-queue.ts'

const message = (topic: string, bytes = 0) => ({ topic, payload: new Uint8Array(bytes) })

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const each of messages) taken.push(each)
  return taken
}

it('messages come in their order, those from before the reader too, until the end', async () => {
  const queue = new MessageQueue<ReturnType<typeof message>>()
  queue.push(message('a'))
  const reading = all(queue.read())
  await Promise.resolve()
  queue.push(message('b'))
  queue.end()
  assert.deepEqual(
    (await reading).map(({ topic }) => topic),
    ['a', 'b'],
  )
})

it('each is given to one of several readers, and all of them see the end', async () => {
  const queue = new MessageQueue<ReturnType<typeof message>>()
  const readers = [all(queue.read()), all(queue.read())]
  for (const topic of ['a', 'b', 'c']) queue.push(message(topic))
  queue.end()
  const taken = (await Promise.all(readers)).flat().map(({ topic }) => topic)
  assert.deepEqual(taken.toSorted(), ['a', 'b', 'c'])
})

it('a failure comes behind what is there', async () => {
  const queue = new MessageQueue<ReturnType<typeof message>>()
  queue.push(message('a'))
  queue.fail(new Error('lost'))
  const reader = queue.read()
  assert.equal((await reader.next()).value?.topic, 'a')
  await assert.rejects(reader.next(), { message: 'lost' })
})

it('what is above the number, or the bytes, is dropped and counted', () => {
  const many = new MessageQueue<ReturnType<typeof message>>()
  for (let sent = 0; sent < CLIENT_MESSAGES_WAITING + 3; sent++) many.push(message('a'))
  assert.equal(many.dropped, 3)
  const large = new MessageQueue<ReturnType<typeof message>>()
  for (let sent = 0; sent < 3; sent++) large.push(message('a', CLIENT_BYTES_WAITING / 2))
  assert.equal(large.dropped, 2)
})

it('one that is larger than all that may wait is taken where nothing else waits', async () => {
  const queue = new MessageQueue<ReturnType<typeof message>>()
  queue.push(message('a', CLIENT_BYTES_WAITING + 1))
  assert.equal((await queue.read().next()).value?.topic, 'a')
  queue.push(message('b', CLIENT_BYTES_WAITING / 2))
  assert.equal(queue.dropped, 0)
})
