import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Provoker } from '../../../../src/cli/attack/provoke.ts'
import type { Attack } from '../../../../src/cli/attack/corpus.ts'
import { setStage } from '../../../../src/cli/attack/stage.ts'
import { startBroker } from '../../../support/broker.ts'

/** A plugin that does as its options say, whatever it is asked. */
const PLUGIN = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const answer = (word) => {
  if (word === 'throw') throw new Error('no')
  return { allow: allow(), deny: deny(), disconnect: disconnect() }[word]
}
export default definePlugin({
  config: {
    type: 'object',
    properties: Object.fromEntries(['connect', 'publish', 'subscribe'].map((name) => [name, { type: 'string', default: 'allow' }])),
  },
  authenticate: (event, ctx) => answer(ctx.config.connect),
  authorizePublish: (event, ctx) => answer(ctx.config.publish),
  authorizeSubscribe: (event, ctx) => answer(ctx.config.subscribe),
})`
const WAYS = ['allow', 'deny', 'throw', 'disconnect'] as const
const SEEN = { allow: 'allow', deny: 'deny', throw: 'closed', disconnect: 'disconnected' } as const

const attacks = (['connect', 'publish', 'subscribe'] as const).flatMap((action) =>
  WAYS.map((way): Attack => {
    const id = `${action}-${way}`
    return { id, class: 'spoof', title: id, plugin: PLUGIN, options: { [action]: way }, endings: ['deny'] }
  }),
)
const stage = await setStage(attacks, { startWaitMs: 30_000, limits: { softMs: 500, wallMs: 2000 } })
const { url } = await startBroker(stage.config)
test.after(() => stage.strike())

for (const [action, hook] of [
  ['connect', 'authenticate'],
  ['publish', 'authorizePublish'],
  ['subscribe', 'authorizeSubscribe'],
] as const) {
  for (const way of WAYS) {
    // an authenticate hook may disconnect: CONNACK carries its refusal
    const seen = action === 'connect' && way === 'disconnect' ? 'deny' : SEEN[way]
    test(`${hook} that says ${way} is seen as ${seen}, again and again`, async () => {
      const provoker = new Provoker(url, `${action}-${way}`)
      assert.equal(await provoker.provoke(hook, false), seen)
      assert.equal(await provoker.provoke(hook, false), seen)
      await provoker.leave()
    })
  }
}

test('one who listens counts what others send', async () => {
  const [one, other] = [new Provoker(url, 'publish-allow'), new Provoker(url, 'publish-allow')]
  assert.equal(await one.provoke('authorizePublish', true), 'allow')
  assert.equal(one.delivered, 0)
  await Promise.all([one.leave(), other.leave()])
})
