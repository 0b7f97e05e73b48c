import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type LoadedPlugin, loadPlugin, type Told } from 'bulkhead/test'
import { delta, iota, NO_SHADOW, readUpdate, UpdateError, updated } from './shadow.ts'

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname)
})
after(() => plugin.close())

/** What it publishes for a message, by the end of the topic. */
async function sent(topic: string, payload: unknown = ''): Promise<Record<string, unknown>> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return published(await plugin.onBrokerMessageReceived({ message: { topic, payload: Buffer.from(text) } }))
}

suite('a shadow', () => {
  test('that is not there is not found', async () => {
    const { 'get/rejected': rejected } = await sent('$shadow/none/main/get')
    assert.deepEqual(
      { ...(rejected as object), timestamp: 0 },
      { code: 404, message: 'shadow not found', timestamp: 0 },
    )
  })

  test('is made by its first update, which is told in full and as a difference', async () => {
    const told = await sent('$shadow/lamp/main/update', { state: { desired: { on: true, lumens: 100 } } })
    const names = ['update/accepted', 'update/delta', 'update/iota', 'update/documents']
    assert.deepEqual(Object.keys(told), names)
    const accepted = told['update/accepted'] as typeof NO_SHADOW
    const { timestamp } = accepted
    assert.ok(Math.abs(timestamp - Date.now() / 1000) < 60)
    const desired = { on: true, lumens: 100 }
    const times = { on: { timestamp }, lumens: { timestamp } }
    assert.deepEqual(accepted, {
      state: { desired, reported: {} },
      metadata: { desired: times, reported: {} },
      version: 1,
      timestamp,
    })
    assert.deepEqual(told['update/delta'], { state: desired, metadata: times, version: 1, timestamp })
    assert.deepEqual(told['update/documents'], { previous: NO_SHADOW, current: accepted, timestamp })
    assert.deepEqual(await sent('$shadow/lamp/main/get'), { 'get/accepted': accepted })
  })

  test('once reported as it is desired, has an empty delta', async () => {
    await sent('$shadow/fan/main/update', { state: { desired: { speed: 2 } } })
    const told = await sent('$shadow/fan/main/update', { state: { reported: { speed: 2, rpm: 900 } } })
    assert.deepEqual((told['update/delta'] as { state: unknown }).state, {})
    assert.deepEqual((told['update/iota'] as { state: unknown }).state, { rpm: null })
  })
})

suite('a shadow that is not asked properly, or too often', () => {
  test('loses no update of many that come at once', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`)
    await Promise.all(
      keys.map((key) => sent('$shadow/busy/main/update', { state: { reported: { [key]: 1 } } })),
    )
    const { 'get/accepted': shadow } = await sent('$shadow/busy/main/get')
    assert.equal((shadow as typeof NO_SHADOW).version, 8)
    assert.deepEqual(Object.keys((shadow as typeof NO_SHADOW).state.reported).sort(), keys)
  })

  test('stays as it is when an update is refused, and who sent it hears why', async () => {
    for (const [payload, code] of [
      ['no json', 400],
      [{ desired: {} }, 400],
      [{ state: { desired: { blob: 'x'.repeat(20_000) } } }, 413],
    ] as const) {
      const { 'update/rejected': rejected } = await sent('$shadow/odd/main/update', payload)
      assert.equal((rejected as { code: number }).code, code)
    }
    assert.deepEqual(Object.keys(await sent('$shadow/odd/main/get')), ['get/rejected'])
  })

  test('hears of no topic but its two, least of all of its own answers', async () => {
    for (const topic of [
      'a/b',
      '$shadow/lamp/main/get/accepted',
      '$shadow/lamp/main/update/delta',
      '$shadow/lamp/get',
      '$shadow/la mp/main/get',
      'x/$shadow/lamp/main/get',
    ])
      assert.deepEqual(await sent(topic), {})
  })
})

function published({ outcome, detail, effects }: Told): Record<string, unknown> {
  assert.equal(outcome, 'ok', detail)
  const messages = effects.flatMap((effect) => (effect.capability === 'publish' ? [effect] : []))
  return Object.fromEntries(
    messages.map(({ topic, payload }) => [
      topic.split('/').slice(3).join('/'),
      JSON.parse(Buffer.from(payload).toString()) as unknown,
    ]),
  )
}

suite('the difference of', () => {
  /** The table of aMQTT's page on shadows: reported, desired, delta, and iota where it is another. */
  const TABLE = [
    [{ temperature: 70 }, { temperature: 72 }, { temperature: 72 }],
    [{ led: 'off', fan: 'low' }, { led: 'on', fan: 'low' }, { led: 'on' }],
    [{ door: 'closed' }, { door: 'closed', alarm: 'armed' }, { alarm: 'armed' }],
    [{ volume: 10 }, { volume: 10 }, {}],
    [{ brightness: 100 }, { brightness: 80, mode: 'eco' }, { brightness: 80, mode: 'eco' }],
    [{ levels: [1, 10, 4] }, { levels: [1, 4, 10] }, { levels: [1, 4, 10] }],
    [
      { brightness: 100, mode: 'eco' },
      { brightness: 80 },
      { brightness: 80 },
      { brightness: 80, mode: null },
    ],
  ] as const

  for (const [reported, desired, differs, differsWithNulls] of TABLE) {
    test(`${JSON.stringify(desired)} and ${JSON.stringify(reported)} is as aMQTT's page has it`, () => {
      assert.deepEqual(delta({ desired, reported }), differs)
      assert.deepEqual(iota({ desired, reported }), differsWithNulls ?? differs)
    })
  }

  test('nested objects is that of their keys; with nulls they are told whole', () => {
    const halves = { desired: { rgb: { r: 1, g: 2 } }, reported: { rgb: { r: 1, g: 3 } } }
    assert.deepEqual(delta(halves), { rgb: { g: 2 } })
    assert.deepEqual(iota(halves), { rgb: { r: 1, g: 2 } })
  })
})

suite('an update', () => {
  test('merges level by level, null takes a key away, and untouched keys keep their time', () => {
    const first = updated(NO_SHADOW, { desired: { a: { b: 1, c: 2 }, d: 3 } }, 100)
    const second = updated(first, { desired: { a: { b: null, e: 5 } } }, 200)
    assert.deepEqual(second.state.desired, { a: { c: 2, e: 5 }, d: 3 })
    assert.deepEqual(second.metadata.desired, {
      a: { c: { timestamp: 100 }, e: { timestamp: 200 } },
      d: { timestamp: 100 },
    })
    const third = updated(second, { desired: { a: 7, d: { x: null } } }, 300)
    assert.deepEqual(third.state.desired, { a: 7, d: {} })
    assert.deepEqual(third.metadata.desired, { a: { timestamp: 300 }, d: {} })
  })

  test('may have any key, and changes nothing but the shadow', () => {
    const update = readUpdate(JSON.parse('{"state":{"desired":{"__proto__":{"x":1},"constructor":2}}}'))
    const { state } = updated(NO_SHADOW, update, 1)
    assert.equal(JSON.stringify(state.desired), '{"__proto__":{"x":1},"constructor":2}')
    assert.equal(({} as { x?: unknown }).x, undefined)
  })

  test('of another shape, or nested too deep, is refused', () => {
    const deep = JSON.parse(`{"state":{"desired":${'{"a":'.repeat(9)}1${'}'.repeat(9)}}}`) as unknown
    for (const wrong of [null, [], 'x', {}, { state: 1 }, { state: { desired: [] } }, deep])
      assert.throws(() => readUpdate(wrong), UpdateError)
    const bottomless = `{"state":{"desired":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`
    assert.throws(() => readUpdate(JSON.parse(bottomless)), UpdateError)
  })
})
