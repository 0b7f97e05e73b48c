import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { BrokerProcess } from '../support/broker-process.ts'
import { eventually } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'
import { stuckDisk } from '../support/recorded-store.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

const MIB = 1024 * 1024

/** More than may wait for the disk. */
const MESSAGES = 24

test('while the disk takes nothing, what waits for it is bounded whatever clients send, and all of it is kept', async () => {
  const data = dataFolder()
  const { broker, port } = await startBroker({ anonymous: true, data })
  const publisher = await RawClient.connect(port)
  const bystander = await RawClient.connect(port)
  await bystander.subscribe({ topic: 'live', qos: 0 })
  const freed = stuckDisk(data)
  for (let n = 0; n < MESSAGES; n += 1) {
    publisher.publish({ topic: `kept/${n}`, payload: Buffer.alloc(MIB / 2, n), retain: true })
  }
  await eventually(() => broker.status().reasons.some((reason) => reason.includes('too much waits')))

  const newcomer = async (options: Parameters<RawClient['connack']>[0]) => {
    const client = await RawClient.open(port)
    const { reasonCode } = await client.connack(options)
    client.socket.destroy()
    return reasonCode
  }
  const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }
  assert.equal(await newcomer({ clientId: 'kept', ...kept }), 0x88, 'server unavailable')
  const will = { topic: 'w', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
  assert.equal(await newcomer({ clientId: 'willing', will }), 0x88)
  assert.equal(await newcomer({ clientId: 'passing' }), 0)
  bystander.publish({ topic: 'live', payload: 'on' })
  assert.equal(String((await bystander.expect('publish')).payload), 'on')

  freed()
  await eventually(() => broker.status().ready)
  const reader = await RawClient.connect(port)
  for (let n = 0; n < MESSAGES; n += 1) {
    // as it is published, or as it was retained by then
    await reader.subscribe({ topic: `kept/${n}`, qos: 0 })
    assert.equal((await reader.expect('publish')).payload[0], n)
  }
  assert.equal(await newcomer({ clientId: 'kept', ...kept }), 0)
})

test('a data folder that is gone is found out while nobody writes; what comes waits until it is back', async ({
  signal,
}) => {
  const data = dataFolder()
  const { broker, port } = await startBroker({ anonymous: true, data })
  const publisher = await RawClient.connect(port)
  renameSync(data, `${data}-away`)
  const gone = /bulkhead\.db is not there: put it back, or stop the broker, restore a backup/
  await eventually(() => {
    signal.throwIfAborted()
    return gone.test(broker.status().reasons[0] ?? '')
  })
  assert.equal(broker.status().ready, false)
  publisher.publish({ topic: 'a', payload: 'waits', qos: 1, messageId: 1, retain: true })
  await publisher.silence()
  renameSync(`${data}-away`, data)
  assert.equal((await publisher.expect('puback')).messageId, 1)
  await eventually(() => broker.status().ready)
})

test('a store that cannot go on ends its broker with words; what it acknowledged is there for the next one', async () => {
  const data = dataFolder()
  const config = { listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }, data, anonymous: true }
  const broker = await BrokerProcess.start(config)
  const publisher = await RawClient.connect(broker.port)
  publisher.publish({ topic: 'a', payload: 'kept', qos: 1, messageId: 1, retain: true })
  await publisher.expect('puback')
  const database = new DatabaseSync(path.join(data, 'bulkhead.db'), { timeout: 5000 })
  // no disk does that
  database.exec('ALTER TABLE retained RENAME TO taken')
  publisher.publish({ topic: 'b', payload: 'lost', qos: 1, messageId: 2, retain: true })
  assert.equal((await publisher.expect('disconnect')).reasonCode, 0x8b)
  await broker.until(() => broker.child.exitCode !== null)
  assert.equal(broker.child.exitCode, 1)
  assert.match(
    broker.stderr,
    /ERR_STORE: the store is lost: what was to be written cannot be: .*no such table/,
  )
  database.exec('ALTER TABLE taken RENAME TO retained')
  database.close()
  const next = await BrokerProcess.start(config)
  const reader = await RawClient.connect(next.port)
  await reader.subscribe({ topic: '#', qos: 0 })
  assert.equal(String((await reader.expect('publish')).payload), 'kept')
  await reader.silence()
})
