import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataFolder, newSqliteEngine } from '../../../support/sqlite-engine.ts'

const PORTS = { route: () => true, settled: () => undefined, restored: () => null, troubled: () => undefined }

test('[MQTT-3.3.1-5] [MQTT-3.3.1-6] what is retained, replaced and cleared is so for the next process', async () => {
  const folder = dataFolder()
  const first = newSqliteEngine<object, object>(folder)
  await first.start(PORTS)
  for (const [topic, text] of [
    ['a', 'old'],
    ['a', 'new'],
    ['b', 'gone'],
  ] as const)
    assert.ok(first.retained.set('acme', topic, { text }) > 0)
  first.retained.clear('acme', 'b')
  await first.stop()
  const second = newSqliteEngine<object, object>(folder)
  await second.start(PORTS)
  const found: object[] = []
  second.retained.match('acme', '#', {
    retained: (message) => found.push(message) > 0,
    done: () => undefined,
  })
  assert.deepEqual(found, [{ text: 'new' }])
  await second.stop()
})
