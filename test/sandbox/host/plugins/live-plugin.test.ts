import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUARANTINE_MS } from '../../../../sandbox/limits.ts'
import { openHostile } from '../../../support/hostile-cell.ts'
import { type Answer, PluginStage } from '../../../support/plugin-stage.ts'

const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event) => {
    if (event.topic === 'loop') for (;;) {}
    return allow()
  },
  onBrokerClientConnected: () => { throw new Error('told in vain') },
})`

test('after a batch ran into the limit questions come alone, and only the culprit falls', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), { wallMs: 5000 })
  const batch = async (): Promise<string[]> => {
    const answers: Answer[] = await Promise.all(['a', 'loop', 'b'].map((topic) => tenant.publish(topic)))
    return answers.map((answer) => answer.outcome)
  }
  assert.deepEqual(await batch(), ['timeout', 'timeout', 'timeout'])
  assert.deepEqual(await batch(), ['ok', 'timeout', 'ok'])
})

test('a plugin that throws at its start has failed, is told so, and answers loading', async () => {
  await using stage = await PluginStage.open()
  const source = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => { throw new Error('no database') },
  authorizePublish: () => allow(),
})`
  const tenant = await stage.tenant('t', await stage.prepare(source))
  assert.equal(tenant.plugin.state, 'failed')
  assert.equal((await tenant.publish('a')).outcome, 'loading')
  const [, , state, detail] = stage.toldOf('pluginState')[1] ?? []
  assert.equal(state, 'failed')
  assert.match(String(detail), /^threw: no database \(plugin\.ts:4:\d+\)$/)
})

test('a teller that throws harms nobody and is reported', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE))
  tenant.plugin.tell('onBrokerClientConnected', null, '{}')
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  await stage.until(() => stage.toldOf('pluginFaulted').length === 1)
  const [, , hook, outcome] = stage.toldOf('pluginFaulted')[0] ?? []
  assert.deepEqual([hook, outcome], ['onBrokerClientConnected', 'threw'])
})

test('its name, version, hooks and capabilities are the manifest’s', async () => {
  await using stage = await PluginStage.open()
  const { plugin } = await stage.tenant('t', await stage.prepare(GATE))
  assert.deepEqual([...plugin.hooks], ['authorizePublish', 'onBrokerClientConnected'])
  assert.deepEqual([plugin.name, plugin.version, plugin.capabilities], ['guard', '0.0.0-dev', { log: true }])
})

/** Time is patient but for the loop: what ends it is its own limit. */
const PATIENT = { wallMs: 5000 } as const

test('a source that strikes three times is not listened to; others are, and the plugin serves on', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), PATIENT)
  const eve = stage.host.subject('{"principal":"eve"}', 'client eve')
  const ann = stage.host.subject('{"principal":"ann"}', 'client ann')
  for (let strike = 0; strike < 3; strike += 1) {
    assert.equal((await tenant.publish('loop', eve)).outcome, 'timeout')
  }
  assert.equal((await tenant.publish('a', eve)).outcome, 'quarantined')
  assert.equal((await tenant.publish('a', ann)).outcome, 'ok')
  assert.equal(tenant.plugin.state, 'active')
  const blocked = stage.audited().filter(({ event }) => event === 'blocked')
  assert.deepEqual(
    blocked.map(({ detail }) => detail),
    ['its source: client eve'],
  )
})

test('three distinct sources quarantine the plugin: every question is refused, its isolate is gone', async () => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), PATIENT)
  for (const name of ['ann', 'bob', 'cy']) {
    const subject = stage.host.subject('{}', `client ${name}`)
    assert.equal((await tenant.publish('loop', subject)).outcome, 'timeout')
  }
  assert.equal(tenant.plugin.state, 'quarantined')
  assert.equal((await tenant.publish('a')).outcome, 'quarantined')
  const [, , state, detail] = stage.toldOf('pluginState').at(-1) ?? []
  assert.deepEqual([state, detail], ['quarantined', 'for 60 s: timeout, caused by several sources'])
  assert.equal(stage.audited().filter(({ event }) => event === 'quarantined').length, 1)
})

test('a plugin that is released from quarantine is loaded anew, and one strike sends it back', async (t) => {
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(GATE), PATIENT)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  for (const name of ['ann', 'bob', 'cy']) {
    await tenant.publish('loop', stage.host.subject('{}', `client ${name}`))
  }
  assert.equal(tenant.plugin.state, 'quarantined')
  t.mock.timers.tick(QUARANTINE_MS.first)
  t.mock.timers.reset()
  await stage.until(() => tenant.plugin.state === 'active')
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.equal((await tenant.publish('loop')).outcome, 'timeout')
  assert.equal(tenant.plugin.state, 'quarantined')
  assert.match(String(stage.toldOf('pluginState').at(-1)?.[3]), /^for 120 s: /)
})

test('a throw is no strike, however often and from wherever', async () => {
  await using stage = await PluginStage.open()
  const thrower = await stage.prepare(`
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => { throw new Error('no') } })`)
  const tenant = await stage.tenant('t', thrower)
  for (const name of ['ann', 'bob', 'cy', 'dan']) {
    const subject = stage.host.subject('{}', `client ${name}`)
    for (let time = 0; time < 3; time += 1) {
      assert.equal((await tenant.publish('a', subject)).outcome, 'threw')
    }
  }
  assert.equal(tenant.plugin.state, 'active')
})

test('a plugin that falls whenever it is loaded is quarantined without any client', async (t) => {
  await using stage = await PluginStage.open()
  const looper = await stage.prepare(`
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ setup: () => { for (;;) {} }, authorizePublish: () => allow() })`)
  const tenant = await stage.tenant('t', looper, { activateMs: 50 })
  for (let failed = 1; failed < 3; failed += 1) {
    await stage.until(() => tenant.plugin.state === 'failed')
    await stage.until(() => tenant.plugin.state !== 'failed')
    t.diagnostic(`attempt ${failed}`)
  }
  await stage.until(() => tenant.plugin.state === 'quarantined')
  assert.equal((await tenant.publish('a')).outcome, 'quarantined')
})

test('each outcome of a kind is one line of the audit, with the bundle’s digest', async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(GATE)
  const tenant = await stage.tenant('t', plugin, PATIENT)
  await tenant.publish('loop')
  await stage.until(() => stage.audited().length === 1)
  const [record] = stage.audited()
  assert.ok(record !== undefined)
  const { tenant: name, event, where, outcome, digest, count } = record
  assert.deepEqual(
    { name, event, where, outcome, digest, count },
    {
      name: 't',
      event: 'condemned',
      where: 'authorizePublish',
      outcome: 'timeout',
      digest: plugin.bundle?.sha256,
      count: 1,
    },
  )
})

const ALARM = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true, timers: true },
  setup: (ctx) => {
    const startedAt = Date.now()
    ctx.timers.after(100, (later) => later.log.info(Date.now() - startedAt < 90 ? 'too early' : 'rang'))
  },
  authorizePublish: (event) => {
    if (event.topic === 'loop') for (;;) {}
    return allow()
  },
})`

test('a timer of an isolate that is gone does not ring in the next one', async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(ALARM, {}, { log: true, timers: true })
  const tenant = await stage.tenant('t', plugin, { wallMs: 5000, softMs: 150 })
  const rings = (): unknown[] => stage.toldOf('pluginLog').map((args) => args[3])
  // the first one comes due while the isolate hangs, and waits behind the question that ends it
  assert.equal((await tenant.publish('loop')).outcome, 'timeout')
  await stage.until(() => rings().length > 0)
  assert.equal((await tenant.publish('a')).outcome, 'ok')
  assert.deepEqual(rings(), ['rang'])
})

test('a full isolate is made anew between questions: each is answered, none is struck, one line says so', async (t) => {
  const { tenant, told } = await openHostile(
    'lie = (asked) => (asked.generation === 1 ? full(asked) : answer(asked, allows(asked)))',
  )
  t.after(() => tenant.plugins.stop())
  const answers = await Promise.all(Array.from({ length: 500 }, (_, at) => tenant.publish(`a/${at}`)))
  assert.equal(answers.filter(({ verdict }) => verdict?.verdict === 'allow').length, 500)
  const states = told.filter(({ what }) => what === 'pluginState').map(({ args }) => args.slice(2))
  const why = 'its heap stays above 0.75 of heapMiB: 32'
  assert.deepEqual(states, [
    ['loading', ''],
    ['active', ''],
    ['loading', `made anew: ${why}`],
    ['active', ''],
  ])
  assert.equal(told.filter(({ what }) => what === 'pluginFaulted').length, 0)
  assert.deepEqual(
    told.filter(({ what }) => what === 'audit').map(({ args }) => (args[0] as { event: string }).event),
    ['renewed'],
  )
})

test('what waits in a full isolate comes to its end in there, and what waits outside is asked of the next', async (t) => {
  const { tenant } = await openHostile(`
    // the first question waits for a call, and the second had not begun
    let answers = ['{"a":[[1],-1],"c":[[1,1,"kv","{}"]]}']
    lie = (asked) => {
      if (asked.generation > 1) return answer(asked, '[3]')
      const first = answers.shift()
      if (first === undefined) full(asked)
      else answer(asked, first)
    }
    // what the call came to leads to another call, and that to the answer
    const ends = ['{"a":[],"c":[[2,1,"kv","{}"]]}', '{"a":[],"s":[1,1]}']
    resume = (asked) => write(frame(asked, FRAME.resumed, ends.shift() ?? '[]'))`)
  t.after(() => tenant.plugins.stop())
  const answers = await Promise.all([tenant.publish('waits'), tenant.publish('comes next')])
  assert.deepEqual(
    answers.map(({ verdict }) => verdict?.verdict),
    ['allow', 'deny'],
  )
})

test('a cell that says without end that it is full has one isolate made anew, and is then ended', async (t) => {
  const { tenant, told } = await openHostile('lie = full')
  t.after(() => tenant.plugins.stop())
  assert.equal((await tenant.publish('a')).outcome, 'crash')
  const anew = told.filter(
    ({ what, args }) => what === 'pluginState' && String(args[3]).startsWith('made anew'),
  )
  assert.equal(anew.length, 1)
})
