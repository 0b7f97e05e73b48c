import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Provoker } from '../../../../src/cli/attack/provoke.ts'
import type { Attack } from '../../../../src/cli/attack/corpus.ts'
import { setStage, usernameOf } from '../../../../src/cli/attack/stage.ts'
import { urlOptions } from '../../../../src/cli/attack/bystander.ts'
import { openConnection } from '../../../../src/client/connection.ts'
import { startBroker } from '../../../support/broker.ts'

/** A plugin that does as its options say, whatever it is asked. */
const PLUGIN = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const WORD = { type: 'string', default: 'allow' }
const answer = (word) => {
  if (word === 'throw') throw new Error('no')
  return { allow: allow(), deny: deny(), disconnect: disconnect() }[word]
}
export default definePlugin({
  config: {
    type: 'object',
    properties: { connect: WORD, publish: WORD, subscribe: WORD },
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
      assert.deepEqual([...(await provoker.provoke(hook, false))], [seen])
      assert.deepEqual([...(await provoker.provoke(hook, false))], [seen])
      await provoker.leave()
    })
  }
}

test('one who listens counts what others send, and not what it sent itself', async () => {
  const listener = new Provoker(url, 'publish-allow')
  assert.deepEqual([...(await listener.provoke('authorizePublish', true, 3))], ['allow'])
  const other = await openConnection(
    { ...urlOptions(url), username: usernameOf('publish-allow'), protocolVersion: 5 },
    { address: url },
  )
  await other.publish('other', Buffer.alloc(0), { qos: 1 })
  assert.deepEqual([...(await listener.provoke('authorizePublish', true))], ['allow'])
  assert.equal(listener.delivered, 1)
  await Promise.all([listener.leave(), other.end()])
})
