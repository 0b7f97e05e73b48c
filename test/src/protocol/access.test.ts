import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairTurns } from '../../../src/base/fair-turns.ts'
import { DROPPED_SHOWN, STANDINGS_PER_LOOK } from '../../../src/base/limits.ts'
import { type Standing, standingOf } from '../../../src/hooks/standing.ts'
import type { GivenGrants } from '../../../src/hooks/tenant-hooks.ts'
import { AccessRevoker } from '../../../src/protocol/access.ts'
import { keepSubscription } from '../../../src/protocol/keep-subscription.ts'
import type { Session } from '../../../src/session/session.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { TestLink } from '../../support/sessions.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { parsed } from '../../support/topics.ts'

const ALL = { effect: 'allow', actions: ['publish', 'subscribe'], filter: '#' } as const
const GIVEN: GivenGrants = { plugin: 'gate', allow: { grants: [ALL], cacheTag: 'team' } }

class Stage {
  readonly gate: FakePlugin
  readonly realm: StagedRealm
  readonly revoker: AccessRevoker

  private constructor(gate: FakePlugin, realm: StagedRealm, turns: FairTurns) {
    this.gate = gate
    this.realm = realm
    this.revoker = new AccessRevoker(realm.node, realm.tenant, turns)
  }

  static async open(hooks: FakePlugin['hooks'], turns = new FairTurns(10, 10)): Promise<Stage> {
    const gate = new FakePlugin('gate', [...hooks])
    return new Stage(gate, await StagedRealm.open({ plugins: [gate] }), turns)
  }

  standing(given: readonly GivenGrants[] = []): Standing {
    return this.realm.tenant.hooks.newStanding(given, { clientId: '', username: undefined, attributes: {} })
  }

  session(
    clientId: string,
    given: readonly GivenGrants[],
    filters: readonly string[],
    isAway = false,
  ): Session {
    const link = isAway ? null : new TestLink()
    const session = this.realm.session(clientId, link, { standing: this.standing(given) })
    for (const filter of filters) {
      const request = { filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 2 } as const
      keepSubscription(this.realm.node, this.realm.tenant, session, {
        request: { ...request, subscriptionId: 0 },
        parsed: parsed(filter),
        verdict: { verdict: 'allow' },
      })
    }
    return session
  }

  remember(session: Session, topic: string, tag: string): void {
    const about = { action: 'publish', topic, qos: 0, retain: false, share: '' } as const
    const verdict = { verdict: 'allow', cacheMs: 60_000, cacheTag: tag } as const
    standingOf(session.client).remember(this.gate, about, verdict, performance.now())
  }
}

const NOTHING = { verdicts: 0, grants: 0, subscriptions: [], more: 0 }

test('of one client: its verdicts, its grants, and what it may not stay subscribed to', async () => {
  const stage = await Stage.open(new Set(['authorizeSubscribe'] as const))
  const [ann, bob] = ['ann', 'bob'].map((name) => stage.session(name, [GIVEN], ['a', 'b']))
  assert.ok(ann && bob)
  stage.remember(ann, 't', 'x')
  stage.remember(bob, 't', 'x')
  stage.gate.reply = { verdict: 'filters', filters: [{ verdict: 'deny' }, { verdict: 'allow' }] }
  assert.deepEqual(await stage.revoker.takeBack('gate', { clientId: 'ann' }), {
    verdicts: 1,
    grants: 1,
    subscriptions: [{ clientId: 'ann', filter: 'a' }],
    more: 0,
  })
  assert.deepEqual([[...ann.subscriptions.keys()], bob.subscriptions.size], [['b'], 2])
  assert.equal(stage.gate.asked.length, 1)
  assert.equal(stage.realm.node.refused.length, 1)
  assert.deepEqual(await stage.revoker.takeBack('gate', { clientId: 'nobody' }), NOTHING)
})

test('grants that are taken back from a plugin without a hook leave nothing allowed', async () => {
  const stage = await Stage.open(new Set(['authenticate'] as const))
  const ann = stage.session('ann', [GIVEN], ['a'])
  const { subscriptions } = (await stage.revoker.takeBack('gate', { tag: 'team' })) as typeof NOTHING
  assert.deepEqual(subscriptions, [{ clientId: 'ann', filter: 'a' }])
  assert.equal(ann.subscriptions.size, 0)
})

test('under a tag: whoever has it, however many clients there are', async () => {
  const stage = await Stage.open(new Set(['authorizeSubscribe'] as const), new FairTurns(10, 1))
  const count = STANDINGS_PER_LOOK * 2 + 1
  for (let place = 0; place < count; place += 1) {
    stage.remember(stage.session(`c${place}`, [], ['a']), 't', place % 2 === 0 ? 'even' : 'odd')
  }
  stage.session('granted', [{ plugin: 'gate', allow: { grants: [ALL], cacheTag: 'even' } }], ['a'])
  stage.gate.reply = { verdict: 'deny' }
  assert.deepEqual(await stage.revoker.takeBack('gate', { tag: 'even' }), {
    verdicts: STANDINGS_PER_LOOK + 1,
    grants: 1,
    subscriptions: [{ clientId: 'granted', filter: 'a' }],
    more: 0,
  })
})

test('more than can be shown is counted', async () => {
  const stage = await Stage.open(new Set(['authenticate'] as const))
  const filters = Array.from({ length: DROPPED_SHOWN + 5 }, (_, place) => `f/${place}`)
  stage.session('ann', [GIVEN], filters)
  const dropped = (await stage.revoker.takeBack('gate', { clientId: 'ann' })) as typeof NOTHING
  assert.deepEqual([dropped.subscriptions.length, dropped.more], [DROPPED_SHOWN, 5])
})

test('who is away is not asked about until it is back; who is about to be back loses what it was told', async () => {
  const stage = await Stage.open(new Set(['authorizeSubscribe'] as const))
  const away = stage.session('ann', [GIVEN], ['a'], true)
  const arriving = stage.session('newcomer', [GIVEN], [])
  away.arriving = arriving.client
  stage.realm.tenant.sessions.delete('newcomer')
  assert.deepEqual(await stage.revoker.takeBack('gate', { clientId: 'ann' }), { ...NOTHING, grants: 2 })
  assert.deepEqual([stage.gate.asked.length, away.subscriptions.size], [0, 1])
})

test('where too much of the tenant waits already, the plugin is told so', async () => {
  const turns = new FairTurns(10, 1)
  const stage = await Stage.open(new Set(['authorizeSubscribe'] as const), turns)
  void turns.run('acme', () => undefined)
  assert.equal(await stage.revoker.takeBack('gate', { tag: 't' }), 'busy')
})
