import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSystemTopic, maySubscribeTo } from '../../../src/router/system-topics.ts'

test('the topics of the broker are those whose first level is $SYS', () => {
  for (const topic of ['$SYS', '$SYS/', '$SYS/broker/uptime']) assert.ok(isSystemTopic(topic), topic)
  for (const topic of ['$SYSTEM', '$sys/a', 'a/$SYS', '$share/a']) assert.ok(!isSystemTopic(topic), topic)
})

test("of $SYS a tenant may read its own tree, and the tenant default the broker's too", () => {
  for (const filter of [
    '$SYS/#',
    '$SYS/+/clients/#',
    '$SYS/tenant/#',
    '$SYS',
    '#',
    '+/broker',
    '$SYSTEM/broker',
  ]) {
    assert.ok(maySubscribeTo('acme', filter), filter)
  }
  for (const filter of ['$SYS/broker/#', '$SYS/broker', '$SYS/acme/#', '$SYS//']) {
    assert.ok(!maySubscribeTo('acme', filter), filter)
  }
  assert.ok(maySubscribeTo('default', '$SYS/broker/#'))
  assert.ok(!maySubscribeTo('default', '$SYS/acme/#'))
})
