import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Holder } from '../../../../sandbox/host/capabilities/power.ts'
import { publishPower } from '../../../../sandbox/host/capabilities/publish.ts'
import type { PluginPublication } from '../../../../sandbox/index.ts'
import { DEFAULT_LIMITS, PLUGIN_HOPS } from '../../../../sandbox/limits.ts'
import { holder } from '../../../support/holder.ts'

interface Stage {
  readonly published: PluginPublication[]
  release(argument: unknown, hops?: number): void
}

function opened(grant: Holder['grant'], change: Partial<Holder> = {}, isTaken = true): Stage {
  const published: PluginPublication[] = []
  const power = publishPower(holder({ grant, ...change }), (tenant, plugin, publication) => {
    assert.deepEqual([tenant, plugin], ['acme', 'gate'])
    published.push(publication)
    return isTaken
  })
  return {
    published,
    release: (argument, hops = 0) => power.release?.(JSON.parse(JSON.stringify(argument)), hops),
  }
}

function refused(stage: Stage, argument: unknown, code: string, message: RegExp, hops = 0): void {
  assert.throws(() => stage.release(argument, hops), { name: 'Refusal', code, message })
  assert.deepEqual(stage.published, [])
}

test('what is published is a copy of what was checked', () => {
  const stage = opened({ topics: ['a/#'] })
  stage.release({ topic: 'a/b' })
  const properties = {
    payloadFormat: 1,
    messageExpirySec: 60,
    contentType: 'text/plain',
    responseTopic: 'answers',
    correlationData64: 'AQI=',
    userProperties: [['k', 'v'], ['k', 'w']],
  } // biome-ignore format: a table
  stage.release({ topic: 'a', payload: 'grüß', qos: 1, retain: true, properties }, 2)
  stage.release({ topic: 'a', payload64: 'AAEC' })
  const plain = { payload: Buffer.alloc(0), qos: 0, retain: false, properties: {}, hops: 1 }
  assert.deepEqual(stage.published, [
    { ...plain, topic: 'a/b' },
    { topic: 'a', payload: Buffer.from('grüß'), qos: 1, retain: true, properties, hops: 3 },
    { ...plain, topic: 'a', payload: Buffer.of(0, 1, 2) },
  ])
})

test('X03: nothing leaves the granted topics, whatever the topic is dressed up as', () => {
  const topics = [
    'tenant/t2/x', '$SYS/x', 'tenant/t1/../t2/x', 'tenant/t1/#', 'tenant/t1/+', '/tenant/t2',
    'tenant/t1/\u0000',
    'tenant/T1/x', '$share/g/tenant/t2/x', 'tenant/t1', 'tenant/t1x/y', '$share/g/tenant/t1/x', '\ud800',
  ] // biome-ignore format: a table
  for (const topic of topics) {
    const stage = opened({ topics: ['tenant/t1/+'] })
    assert.throws(
      () => stage.release({ topic, payload: 'x' }),
      (error: Error) => error.name === 'Refusal' && error.message.length <= 256,
    )
    assert.deepEqual(stage.published, [], topic)
  }
})

test('a topic must match a filter that was asked for, and one that the operator allows', () => {
  const stage = opened({ topics: ['a/+/x', 'c'], within: ['a/b/#', 'd'] })
  for (const topic of ['a/c/x', 'a/b/y', 'c', 'd', 'a/b']) {
    refused(stage, { topic }, 'notAllowed', /outside the granted topics/)
  }
  stage.release({ topic: 'a/b/x' })
  assert.equal(stage.published.length, 1)
})

test('a $-topic needs a filter that names it literally; the broker’s own topics no filter opens', () => {
  refused(opened({ topics: ['#', '+/x'] }), { topic: '$x/x' }, 'notAllowed', /outside/)
  refused(opened({ topics: ['$SYS/#', '#'] }), { topic: '$SYS/x' }, 'invalid', /reserved/)
  const stage = opened({ topics: ['$x/#'] })
  stage.release({ topic: '$x/x' })
  assert.equal(stage.published.length, 1)
})

test('who was granted no topics publishes nothing', () => {
  for (const grant of [
    true,
    {},
    { topics: [] },
    { topics: 'a' },
    { topics: [7] },
    { topics: ['a'], within: [] },
  ]) {
    refused(opened(grant as Holder['grant']), { topic: 'a' }, 'notAllowed', /outside/)
  }
})

test('each field is checked again, whatever the guest has checked', () => {
  const stage = opened({ topics: ['#'] })
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{}, /topic: is missing/],
    [{ topic: 'a', payload: 7 }, /payload: must be/],
    [{ topic: 'a', payload: '\ud800' }, /payload: must be well-formed/],
    [{ topic: 'a', payload64: 'AA=A' }, /payload64: must be base64/],
    [{ topic: 'a', payload64: 'AAE' }, /payload64: must be base64/],
    [{ topic: 'a', payload64: 'A A=' }, /payload64: must be base64/],
    [{ topic: 'a', payload: 'x', payload64: 'AAEC' }, /only one may be given/],
    [{ topic: 'a', qos: 3 }, /qos: must be/],
    [{ topic: 'a', qos: '1' }, /qos: must be/],
    [{ topic: 'a', retain: 1 }, /retain: must be/],
    [{ topic: 'a', dup: true }, /"dup": is unknown/],
    [{ topic: 'a', properties: { topicAlias: 1 } }, /topicAlias.*unknown/],
    [{ topic: 'a', properties: { payloadFormat: 2 } }, /payloadFormat: must be/],
    [{ topic: 'a', properties: { messageExpirySec: -1 } }, /messageExpirySec: must be/],
    [{ topic: 'a', properties: { messageExpirySec: 2 ** 32 } }, /messageExpirySec: must be/],
    [{ topic: 'a', properties: { contentType: 'a\nb' } }, /contentType: must be/],
    [{ topic: 'a', properties: { responseTopic: 'a/#' } }, /responseTopic: must be/],
    [{ topic: 'a', properties: { correlationData64: '?' } }, /correlationData64: must be/],
    [{ topic: 'a', properties: { userProperties: [['k']] } }, /userProperties\[0\]: must be/],
    [
      { topic: 'a', properties: { userProperties: Array.from({ length: 33 }, () => ['k', 'v']) } },
      /at most 32/,
    ],
  ]
  for (const [argument, message] of wrong) refused(stage, argument, 'invalid', message)
  for (const argument of [null, 'a', 7, []]) refused(stage, argument, 'invalid', /must be an object/)
})

test('a payload has a limit, as text and as bytes', () => {
  const limits = { ...DEFAULT_LIMITS, payloadKiB: 1 }
  const stage = opened({ topics: ['#'] }, { limits })
  refused(stage, { topic: 'a', payload: 'x'.repeat(1025) }, 'invalid', /1024 bytes/)
  refused(stage, { topic: 'a', payload: 'é'.repeat(513) }, 'invalid', /1024 bytes/)
  const bytes = Buffer.alloc(1025)
  refused(stage, { topic: 'a', payload64: bytes.toString('base64') }, 'invalid', /1024 bytes/)
  stage.release({ topic: 'a', payload: 'é'.repeat(512) })
  stage.release({ topic: 'a', payload64: bytes.subarray(1).toString('base64') })
  assert.deepEqual(
    stage.published.map(({ payload }) => payload.length),
    [1024, 1024],
  )
})

test('F03: messages that answer messages of plugins go so many hops and no further', () => {
  const stage = opened({ topics: ['#'] })
  stage.release({ topic: 'a' }, PLUGIN_HOPS - 1)
  assert.deepEqual(
    stage.published.splice(0).map(({ hops }) => hops),
    [PLUGIN_HOPS],
  )
  refused(stage, { topic: 'a' }, 'notAllowed', /answer each other/, PLUGIN_HOPS)
})

test('the budget of a second is what was granted, and never more than the limit', (t) => {
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  for (const [perSecond, most] of [
    [3, 3],
    [1000, DEFAULT_LIMITS.publishesPerSec],
  ] as const) {
    const stage = opened({ topics: ['#'], perSecond })
    const spend = (): number => {
      for (let count = 0; ; count += 1) {
        try {
          stage.release({ topic: 'a' })
        } catch (error) {
          assert.equal((error as { code: string }).code, 'limit')
          return count
        }
      }
    }
    assert.equal(spend(), most)
    now += 1000
    assert.equal(spend(), most)
  }
})

test('what the broker does not take is refused', () => {
  const stage = opened({ topics: ['#'] }, {}, false)
  assert.throws(() => stage.release({ topic: 'a' }), { name: 'Refusal', code: 'limit' })
})
