import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askReceive, askSubscribe, type Doubt } from '../../../src/hooks/explain.ts'
import { whyOf } from '../../../src/hooks/why.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'

const subject = { ref: 1, json: '{}', source: '', release: () => undefined }
const ann = testClient('ann', { subject })
const PLAIN = { topic: 'a/b', qos: 1, retain: false, share: '' } as const

const WAYS = [
  ['subscribe', 'authorizeSubscribe', askSubscribe],
  ['receive', 'authorizeReceive', askReceive],
] as const

for (const [action, hook, ask] of WAYS) {
  test(`${action}: every voter is asked as if it happened now, a lone allow is told of too`, async () => {
    const gate = new FakePlugin('gate', [hook])
    gate.reply = { verdict: 'allow' }
    const { verdict, voices } = await ask(hooksOf([gate]), ann, PLAIN)
    assert.equal(verdict.verdict, 'allow')
    assert.deepEqual(
      voices.map(({ plugin, hook: asked, source }) => [plugin, asked, source]),
      [['gate', hook, 'crossing']],
    )
  })

  test(`${action}: a plugin that fails is named, with the outcome and what stands in for it`, async () => {
    const [gate, other] = [new FakePlugin('gate', [hook]), new FakePlugin('other', [hook])]
    gate.reply = 'timeout'
    other.reply = { verdict: 'allow' }
    const { verdict, voices } = await ask(hooksOf([gate, other]), ann, PLAIN)
    assert.equal(verdict.verdict, 'deny')
    assert.deepEqual(
      voices.map(({ plugin, outcome, verdict: said }) => [plugin, outcome, said.verdict]),
      [
        ['gate', 'timeout', 'deny'],
        ['other', 'ok', 'allow'],
      ],
    )
  })

  test(`${action}: where nobody is asked, the default answers`, async () => {
    for (const topicDefault of ['allow', 'deny'] as const) {
      const opinion = await ask(hooksOf([], { topicDefault }), ann, PLAIN)
      assert.deepEqual([opinion.verdict.verdict, opinion.voices], [topicDefault, []])
    }
  })
}

test('a shared subscription is asked about with its share name', async () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  gate.reply = { verdict: 'allow' }
  const doubt: Doubt = { ...PLAIN, share: 'workers' }
  await askSubscribe(hooksOf([gate]), ann, doubt)
  const [filter] = gate.question(0).event['filters'] as readonly Record<string, unknown>[]
  assert.equal(filter?.['share'], 'workers')
})

test('what is said to be explained is not remembered: the next question is put to the plugin', async () => {
  for (const [, hook, ask] of WAYS) {
    const gate = new FakePlugin('gate', [hook])
    gate.reply = { verdict: 'allow', cacheMs: 60_000 }
    const hooks = hooksOf([gate])
    const standing = hooks.newStanding([], { clientId: 'ann', username: undefined, attributes: {} })
    const client = testClient('ann', { subject, standing })
    await ask(hooks, client, PLAIN)
    await ask(hooks, client, PLAIN)
    assert.equal(gate.asked.length, 2)
    assert.equal(standing.isEmpty, true)
  }
})

test('plugins that contradict each other about a delivery are named with what each wants changed', async () => {
  const plugins = ['one', 'two'].map((name) => {
    const plugin = new FakePlugin(name, ['authorizeReceive'])
    const groups = [{ targets: [0], patch: { topic: name } }]
    plugin.reply = { verdict: 'recipients', default: 'allow', except: [], groups }
    return plugin
  })
  const { verdict, voices, becomes } = await askReceive(hooksOf(plugins), ann, PLAIN)
  assert.deepEqual([verdict.verdict, becomes], ['deny', null])
  assert.match(whyOf(verdict, voices), /about patch: one@1.0.0 says changes {"topic":"one"}/)
  const [one] = plugins
  const alone = await askReceive(hooksOf([one as FakePlugin]), ann, PLAIN)
  assert.deepEqual(alone.becomes, [{ topic: 'one', qos: 1, retain: false }])
})
