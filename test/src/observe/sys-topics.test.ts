import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Headcount, Traffic } from '../../../src/base/traffic.ts'
import { SysTopics } from '../../../src/observe/sys-topics.ts'

const HOLDINGS = { sessions: 3, subscriptions: 4, shared: 1, retained: 5, waiting: 6, waitingBytes: 70 }

test("values have mosquitto's names; again only those are told that have changed", () => {
  const topics = new SysTopics('$SYS/broker')
  const traffic = new Traffic()
  const clients = new Headcount()
  clients.came()
  const first = new Map(topics.changes(traffic, clients, HOLDINGS, 10, [['version', 'v']]))
  for (const [name, value] of [
    ['version', 'v'],
    ['clients/connected', '1'],
    ['clients/disconnected', '2'],
    ['clients/total', '3'],
    ['clients/maximum', '1'],
    ['messages/stored', '11'],
    ['store/messages/bytes', '70'],
    ['subscriptions/count', '4'],
    ['shared_subscriptions/count', '1'],
    ['clients/active', '1'],
    ['clients/inactive', '2'],
    ['retained messages/count', '5'],
    ['publish/messages/dropped', '0'],
    ['load/bytes/sent/15min', '0.00'],
  ] as const) {
    assert.equal(first.get(`$SYS/broker/${name}`), value, name)
  }
  assert.deepEqual(topics.changes(traffic, clients, HOLDINGS, 10, [['version', 'v']]), [])
  traffic.bytesSent = 20
  assert.deepEqual(
    topics.changes(traffic, clients, HOLDINGS, 10).map(([topic]) => topic),
    ['bytes/sent', 'load/bytes/sent/1min', 'load/bytes/sent/5min', 'load/bytes/sent/15min'].map(
      (name) => `$SYS/broker/${name}`,
    ),
  )
})
