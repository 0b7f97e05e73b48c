import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecisionDesk, type KeptRefusal } from '../../../src/protocol/decision-desk.ts'
import { StagedNode } from '../../support/protocol-stage.ts'
import { received } from '../../support/messages.ts'
import { testSession } from '../../support/sessions.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

/** A desk and what it has written down. */
function desk(): { readonly kept: KeptRefusal[]; readonly desk: DecisionDesk<KeptRefusal> } {
  const kept: KeptRefusal[] = []
  const keeper = {
    add: (refusal: KeptRefusal) => `k-${kept.push(refusal)}`,
    of: (_tenant: string, { client }: { readonly client: string }) =>
      kept.filter((refusal) => refusal.client === client).toReversed(),
  }
  return { kept, desk: new DecisionDesk(keeper, new StagedNode().mqtt, 2) }
}

const REFUSED = {
  realm: 'acme',
  clientId: 'ann',
  client: null,
  remoteAddress: '127.0.0.1',
  version: 5,
  action: 'subscribe',
  topic: 'a/#',
  reasonCode: 0x87,
  detail: 'filter a/#: no',
} as const

test('a refusal is written down with how its client was told; one without a tenant is nobody’s', () => {
  const { kept, desk: written } = desk()
  assert.equal(written.refused(REFUSED), 'k-1')
  assert.equal(kept[0]?.told, 'SUBACK 0x87')
  assert.equal(written.refused({ ...REFUSED, realm: undefined }), undefined)
  assert.equal(kept.length, 1)
})

test('a delivery that was refused is written down, though nobody is told', () => {
  const { kept, desk: written } = desk()
  const line = written.notReceived('acme', testSession('ann', null), received({ topic: 't' }), [])
  assert.deepEqual(line, { tenant: 'acme', client: 'ann', topic: 't', decision: 'k-1' })
  assert.deepEqual([kept[0]?.action, kept[0]?.topic, kept[0]?.allowed], ['receive', 't', false])
})

test('what is known of a client: what plugins say now, and its newest refusals', async () => {
  const { desk: written } = desk()
  const { tenant } = await StagedRealm.open()
  const asked = { client: 'ann', action: 'publish', topic: 'a', qos: 0, retain: false } as const
  assert.equal(await written.explain(tenant, asked), undefined)
  for (const topic of ['one', 'two', 'three']) written.refused({ ...REFUSED, topic })
  const explained = await written.explain(tenant, asked)
  assert.ok(explained !== undefined && explained !== 'invalid')
  assert.equal(explained.now, null)
  assert.deepEqual(
    explained.refusals.map(({ topic }) => topic),
    ['three', 'two'],
  )
})
