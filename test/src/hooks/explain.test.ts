import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOpinion, type Doubt } from '../../../src/hooks/explain.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'

const subject = { ref: 1, json: '{}', source: '', release: () => undefined }
const ann = testClient('ann', { subject })
const PLAIN = { topic: 'a/b', qos: 1, retain: false, share: '' } as const

for (const [action, hook] of [
  ['publish', 'authorizePublish'],
  ['subscribe', 'authorizeSubscribe'],
  ['receive', 'authorizeReceive'],
] as const) {
  test(`${action}: every voter is asked as if it happened now, a lone allow is told of too`, async () => {
    const gate = new FakePlugin('gate', [hook])
    gate.reply = { verdict: 'allow' }
    const { verdict, voices } = await askOpinion(hooksOf([gate]), ann, { ...PLAIN, action })
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
    const { verdict, voices } = await askOpinion(hooksOf([gate, other]), ann, { ...PLAIN, action })
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
      const opinion = await askOpinion(hooksOf([], { topicDefault }), ann, { ...PLAIN, action })
      assert.deepEqual([opinion.verdict.verdict, opinion.voices], [topicDefault, []])
    }
  })
}

test('a shared subscription is asked about with its share name', async () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  gate.reply = { verdict: 'allow' }
  const doubt: Doubt = { ...PLAIN, action: 'subscribe', share: 'workers' }
  await askOpinion(hooksOf([gate]), ann, doubt)
  const [filter] = gate.question(0).event['filters'] as readonly Record<string, unknown>[]
  assert.equal(filter?.['share'], 'workers')
})

test('what is said to be explained is not remembered: the next question is put to the plugin', async () => {
  for (const [action, hook] of [
    ['publish', 'authorizePublish'],
    ['subscribe', 'authorizeSubscribe'],
    ['receive', 'authorizeReceive'],
  ] as const) {
    const gate = new FakePlugin('gate', [hook])
    gate.reply = { verdict: 'allow', cacheMs: 60_000 }
    const hooks = hooksOf([gate])
    const standing = hooks.newStanding([], { clientId: 'ann', username: undefined, attributes: {} })
    const client = testClient('ann', { subject, standing })
    await askOpinion(hooks, client, { ...PLAIN, action })
    await askOpinion(hooks, client, { ...PLAIN, action })
    assert.equal(gate.asked.length, 2)
    assert.equal(standing.isEmpty, true)
  }
})
