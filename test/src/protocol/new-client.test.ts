import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newClient } from '../../../src/protocol/new-client.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { OnlinePeer } from '../../support/online-peer.ts'
import { testClient } from '../../support/sessions.ts'

/** Whose strikes a client's questions are. */
async function sourceIn(...plugins: readonly FakePlugin[]): Promise<string | undefined> {
  const { peer, staged } = await OnlinePeer.open(...plugins)
  let asked: string | undefined
  staged.node.subject = (json, source?: string) => {
    asked = source
    return { ref: 1, json, source: source ?? '', release: () => undefined }
  }
  newClient(peer, staged.tenant, 'ann', 'ann', { verdict: 'allow' }, [])
  return asked
}

test('who was verified answers for himself; of the others only the address is known', async () => {
  assert.equal(await sourceIn(new FakePlugin('gate', ['authenticate'])), 'client ann')
  assert.equal(await sourceIn(new FakePlugin('filter', ['authorizePublish'])), 'address 192.0.2.1')
})

test('where no plugin is there to ask, plugins know no name for it', async () => {
  const { peer, staged } = await OnlinePeer.open()
  const before = testClient('c1', { connectedAt: 7 })
  const allowed = { verdict: 'allow', roles: ['r'] } as const
  const client = newClient(peer, staged.tenant, undefined, 'ann', allowed, [], before)
  assert.deepEqual([client.subject, client.json, client.connectedAt, client.roles], [null, '', 7, ['r']])
  assert.ok(Object.isFrozen(client))
})
