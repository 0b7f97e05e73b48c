import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manifestMistakes } from '../../../sandbox/manifest/manifest-schema.ts'

test('a whole manifest has no mistakes, and neither has an empty one', () => {
  assert.deepEqual(manifestMistakes({}), [])
  assert.deepEqual(
    manifestMistakes({
      name: '@scope/gate',
      version: '1.0.0+build',
      api: 1,
      for: 'client',
      hooks: ['onMqttPacketSent'],
      config: { type: 'object' },
      capabilities: {
        log: true,
        publish: { topics: ['a/#'], perSecond: 5 },
        kv: { bytes: 1 },
        fetch: { hosts: ['a'] },
      },
    }),
    [],
  )
})

test('what asks for a power must say how much of it', () => {
  assert.deepEqual(manifestMistakes({ capabilities: { publish: { perSecond: 0 }, fetch: { hosts: [] } } }), [
    'capabilities.publish: "topics" is missing',
    'capabilities.publish.perSecond: must be >= 1',
    'capabilities.fetch.hosts: must NOT have fewer than 1 items',
  ])
})

test('no manifest at all is one mistake', () => {
  for (const value of [null, [], 'text']) assert.deepEqual(manifestMistakes(value), ['must be object'])
})

test('a key __proto__ is an unknown key', () => {
  assert.match(manifestMistakes(JSON.parse('{"__proto__":{"api":1}}')).join(), /key "__proto__" is unknown/)
})
