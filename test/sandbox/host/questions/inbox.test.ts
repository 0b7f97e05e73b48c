import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AuditTrail } from '../../../../sandbox/host/audit-trail.ts'
import { PluginConduct } from '../../../../sandbox/host/plugins/plugin-conduct.ts'
import { Inbox } from '../../../../sandbox/host/questions/inbox.ts'
import { newQuestion, type Question } from '../../../../sandbox/host/questions/question.ts'
import { EXPIRED_AT_ONCE } from '../../../../sandbox/limits.ts'
import type { Outcome } from '../../../../sandbox/index.ts'

function stage(room: number): {
  inbox: Inbox
  conduct: PluginConduct
  answered: unknown[]
  audited: unknown[]
} {
  const answered: unknown[] = []
  const audited: unknown[] = []
  const trail = new AuditTrail({ audit: ({ event, outcome }) => void audited.push([event, outcome]) })
  const conduct = new PluginConduct({ tenant: 't', plugin: 'p', digest: '' }, trail)
  const desk = {
    ended: ({ slot, asker }: Question, outcome: Outcome) => asker?.answered(slot, outcome, null),
  }
  return { inbox: new Inbox(room, conduct, desk), conduct, answered, audited }
}

function question(answered: unknown[], slot: number, source = '', since = 0): Question {
  const asker = { answered: (place: number, outcome: Outcome) => void answered.push([place, outcome]) }
  return newQuestion(0, null, '{}', asker, slot, { source }, since)
}

test('a question of a blocked source is answered at once, and news of it are not told', () => {
  const { inbox, conduct, answered } = stage(4)
  for (let strike = 0; strike < 3; strike += 1) conduct.struck('eve', 'timeout')
  assert.equal(inbox.ask(question(answered, 1, 'eve')), false)
  assert.equal(inbox.tell({ ...question(answered, 2, 'eve'), asker: null }), false)
  assert.equal(inbox.ask(question(answered, 3, 'ann')), true)
  assert.deepEqual(answered, [[1, 'quarantined']])
})

test('a question without room is answered with overload, which the audit says', () => {
  const { inbox, answered, audited } = stage(2)
  assert.deepEqual(
    [1, 2, 3].map((slot) => inbox.ask(question(answered, slot))),
    [true, true, false],
  )
  assert.deepEqual(answered, [[3, 'overload']])
  assert.deepEqual(audited, [['fault', 'overload']])
})

test('what has waited too long is answered in order, up to the first that has not', () => {
  const { inbox, answered } = stage(4)
  for (const since of [10, 20, 30]) inbox.ask(question(answered, since, '', since))
  inbox.expire(({ since }) => since <= 20, 'loading')
  assert.deepEqual(answered, [
    [10, 'loading'],
    [20, 'loading'],
  ])
  assert.equal(inbox.isEmpty, false)
})

test('of many that have waited too long some are answered at a time', () => {
  const { inbox, answered } = stage(2 * EXPIRED_AT_ONCE)
  for (let slot = 0; slot < EXPIRED_AT_ONCE + 1; slot += 1) inbox.ask(question(answered, slot))
  const looks = [1, 2].map(() => {
    inbox.expire(() => true, 'loading')
    return answered.length
  })
  assert.deepEqual(looks, [EXPIRED_AT_ONCE, EXPIRED_AT_ONCE + 1])
})

test('emptying answers all that wait and drops what was to be told; stopping keeps what was to be told', () => {
  const emptied = stage(4)
  emptied.inbox.ask(question(emptied.answered, 1))
  emptied.inbox.tell({ ...question(emptied.answered, 2), asker: null })
  emptied.inbox.empty('quarantined', '')
  assert.deepEqual(emptied.answered, [[1, 'quarantined']])
  assert.equal(emptied.inbox.isEmpty, true)
  const stopped = stage(4)
  stopped.inbox.ask(question(stopped.answered, 1))
  stopped.inbox.tell({ ...question(stopped.answered, 2), asker: null })
  stopped.inbox.stop()
  assert.deepEqual(stopped.answered, [[1, 'stopped']])
  assert.equal(stopped.inbox.isEmpty, false)
})
