import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { startBroker } from '../../support/broker.ts'
import {
  byte,
  closedInSilence,
  closedOnceConnected,
  First,
  handWrittenConnect,
  onEachLevel,
  packet,
  text,
  uint16,
} from '../../support/hand-written.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

/** A filter that is none is refused by its code, or ends the connection. */
async function isRefused(level: 3 | 4, filter: string): Promise<void> {
  const client = await RawClient.connect(port, level)
  client.write(packet(First.subscribe, uint16(1), text(filter), byte(0)))
  client.send({ cmd: 'disconnect' })
  const answers = await client.end()
  assert.ok(
    answers.every((answer) => answer.cmd === 'suback' && answer.granted[0] === 0x80),
    `${filter}: ${JSON.stringify(answers)}`,
  )
}

/** Which of these topics a subscription to the filter brings. */
async function matched(level: 3 | 4, filter: string, topics: readonly string[]): Promise<readonly string[]> {
  const subscriber = await RawClient.connect(port, level)
  assert.deepEqual(await subscriber.subscribe({ topic: filter, qos: 0 }), [0])
  const publisher = await RawClient.connect(port, level)
  for (const topic of topics) publisher.publish({ topic })
  await publisher.silence()
  subscriber.send({ cmd: 'disconnect' })
  return (await subscriber.end()).map((got) => (got.cmd === 'publish' ? got.topic : got.cmd))
}

onEachLevel('[MQTT-4.7.1-1] wildcards are for filters, and in no topic name', async (level) => {
  for (const topic of ['#', '+', 'a/#', 'a/+/c', 'a#', '+a']) {
    await closedOnceConnected(port, level, packet(First.publish, text(topic), Buffer.from('payload')))
    const will = handWrittenConnect({
      level,
      flags: 0b110,
      payload: [text('by-hand'), text(topic), text('message')],
    })
    await closedInSilence(port, level, will)
  }
  assert.deepEqual(await matched(level, 'a/+/c', ['a/b/c']), ['a/b/c'])
})

onEachLevel('[MQTT-4.7.1-2] # stands alone or behind a separator, and last', async (level) => {
  for (const filter of ['a#', 'a/b#', '#a', '#/a', 'a/#/b', '##', '#/', 'a/##', '+#', '/#/']) {
    await isRefused(level, filter)
  }
})

onEachLevel('[MQTT-4.7.1-2] # matches all levels from its own on, and the one above', async (level) => {
  const topics = ['sport', 'sport/', 'sport/tennis', 'sport/tennis/player1', '/sport', 'sports', 'Sport/x']
  assert.deepEqual(await matched(level, 'sport/#', topics), topics.slice(0, 4))
  assert.deepEqual(await matched(level, 'sport/tennis/#', topics), topics.slice(2, 4))
  assert.deepEqual(await matched(level, '#', topics), topics)
  assert.deepEqual(await matched(level, '/#', topics), ['/sport'])
})

onEachLevel('[MQTT-4.7.1-3] + stands for a whole level', async (level) => {
  for (const filter of ['a+', '+a', 'a/b+', 'a/+b/c', '++', 'a/++/b']) await isRefused(level, filter)
})

onEachLevel('[MQTT-4.7.1-3] + matches one level, which may be empty, at any place', async (level) => {
  const topics = ['sport', 'sport/', 'sport/a', 'sport/b', 'sport/a/b', '/finance', '/']
  assert.deepEqual(await matched(level, 'sport/+', topics), ['sport/', 'sport/a', 'sport/b'])
  assert.deepEqual(await matched(level, '+', topics), ['sport'])
  assert.deepEqual(await matched(level, '+/+', topics), ['sport/', 'sport/a', 'sport/b', '/finance', '/'])
  assert.deepEqual(await matched(level, '/+', topics), ['/finance', '/'])
  assert.deepEqual(await matched(level, '+/a/#', topics), ['sport/a', 'sport/a/b'])
  assert.deepEqual(await matched(level, 'sport/+/b', topics), ['sport/a/b'])
})

onEachLevel('[MQTT-4.7.2-1] a leading wildcard does not match what begins with $', async (level) => {
  const topics = ['$other', '$other/a', '$other/a/b', 'other/$a']
  assert.deepEqual(await matched(level, '#', topics), ['other/$a'])
  assert.deepEqual(await matched(level, '+/a', topics), [])
  assert.deepEqual(await matched(level, '+', topics), [])
  assert.deepEqual(await matched(level, '+/a/#', topics), [])
  assert.deepEqual(await matched(level, '$other/#', topics), topics.slice(0, 3))
  assert.deepEqual(await matched(level, '$other/+', topics), ['$other/a'])
  assert.deepEqual(await matched(level, 'other/+', topics), ['other/$a'])
})

onEachLevel('[MQTT-4.7.2-1] nor what of it is retained', async (level) => {
  const publisher = await RawClient.connect(port, level)
  publisher.publish({ topic: '$other/kept', retain: true, payload: 'kept' })
  await publisher.silence()
  assert.deepEqual(await matched(level, '#', []), [])
  assert.deepEqual(await matched(level, '+/kept', []), [])
  assert.deepEqual(await matched(level, '$other/+', []), ['$other/kept'])
  publisher.publish({ topic: '$other/kept', retain: true })
  await publisher.silence()
})

onEachLevel('[MQTT-4.7.3-1] topic names and filters have at least one character', async (level) => {
  await closedOnceConnected(port, level, packet(First.publish, text(''), Buffer.from('payload')))
  await closedOnceConnected(port, level, packet(First.publish | 0b010, text(''), uint16(1)))
  await isRefused(level, '')
  assert.deepEqual(await matched(level, ' ', [' ', 'a']), [' '])
})

onEachLevel('[MQTT-4.7.3-2] topic names and filters have no U+0000', async (level) => {
  for (const topic of ['\0', 'a\0', 'a/\0/b']) {
    await closedOnceConnected(port, level, packet(First.publish, text(topic)))
    await closedOnceConnected(port, level, packet(First.subscribe, uint16(1), text(topic), byte(0)))
    await closedOnceConnected(port, level, packet(First.unsubscribe, uint16(1), text(topic)))
  }
})

onEachLevel(
  '[MQTT-4.7.3-3] topic names and filters of 65,535 bytes are taken, longer ones there are none',
  async (level) => {
    const longest = `${'é'.repeat(32_767)}x`
    assert.equal(Buffer.byteLength(longest), 65_535)
    assert.deepEqual(await matched(level, longest, [longest, longest.slice(1)]), [longest])
  },
)

onEachLevel(
  '[MQTT-4.7.3-4] names are neither normalised nor changed: other characters are another name',
  async (level) => {
    const others = ['Accounts', 'accounts ', ' accounts', 'accounts/', '/accounts', 'accounts//', 'áccounts']
    assert.deepEqual(await matched(level, 'accounts', [...others, 'accounts']), ['accounts'])
    // one is composed, the other is not: they look the same
    const composed = 'caf\u{e9}'
    const decomposed = 'cafe\u{301}'
    assert.deepEqual(await matched(level, composed, [decomposed, composed]), [composed])
    assert.deepEqual(await matched(level, decomposed, [decomposed, composed]), [decomposed])
    assert.deepEqual(await matched(level, 'a//b', ['a/b', 'a//b', 'a/./b', 'a/%2f/b']), ['a//b'])
  },
)
