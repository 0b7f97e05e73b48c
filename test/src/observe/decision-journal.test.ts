import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DECISION_TEXT_CHARS, DECISIONS_PER_TENANT } from '../../../src/base/limits.ts'
import { type Decision, DecisionJournal } from '../../../src/observe/decision-journal.ts'

function refusal(change: Partial<Decision> = {}): Omit<Decision, 'id' | 'at'> {
  return {
    tenant: 'acme',
    client: 'ann',
    action: 'publish',
    topic: 'a',
    allowed: false,
    reasonCode: 0x87,
    reason: '',
    detail: 'not authorised',
    why: 'gate@1.0.0 said deny',
    told: 'PUBACK 0x87',
    voices: [],
    ...change,
  }
}

test('a refusal is found by the id that it got, which no other has', () => {
  const journal = new DecisionJournal('k3')
  const ids = ['a', 'b', 'c'].map((topic) => journal.add(refusal({ topic })))
  assert.equal(new Set(ids).size, 3)
  assert.deepEqual(
    ids.map((id) => journal.find(id)?.topic),
    ['a', 'b', 'c'],
  )
  assert.equal(journal.find('k3-zz'), undefined)
})

test('a tenant’s refusals come newest first, and only those that are meant', () => {
  const journal = new DecisionJournal('k')
  journal.add(refusal({ topic: 'a' }))
  journal.add(refusal({ topic: 'b', client: 'bob' }))
  journal.add(refusal({ topic: 'a', action: 'subscribe' }))
  journal.add(refusal({ tenant: 'other' }))
  const topics = (filter: Parameters<DecisionJournal['of']>[1]): readonly string[] =>
    journal.of('acme', filter).map(({ topic, action }) => `${action} ${topic}`)
  assert.deepEqual(topics({}), ['subscribe a', 'publish b', 'publish a'])
  assert.deepEqual(topics({ client: 'ann' }), ['subscribe a', 'publish a'])
  assert.deepEqual(topics({ action: 'publish', topic: 'a' }), ['publish a'])
  assert.deepEqual(journal.of('nobody'), [])
})

test('at its bound a tenant loses its own oldest, and no neighbour’s', () => {
  const journal = new DecisionJournal('k')
  const neighbour = journal.add(refusal({ tenant: 'quiet' }))
  const first = journal.add(refusal())
  for (let count = 0; count < DECISIONS_PER_TENANT; count += 1) journal.add(refusal())
  assert.equal(journal.find(first), undefined)
  assert.equal(journal.of('acme').length, DECISIONS_PER_TENANT)
  assert.notEqual(journal.find(neighbour), undefined)
})

test('what a stranger chose is kept to a bound', () => {
  const journal = new DecisionJournal('k')
  const long = 'x'.repeat(60_000)
  const id = journal.add(refusal({ topic: long, client: long, detail: long }))
  const kept = journal.find(id)
  for (const text of [kept?.topic, kept?.client, kept?.detail]) {
    assert.equal(text?.length, DECISION_TEXT_CHARS + 1)
  }
  assert.equal(journal.of('acme', { topic: long }).length, 1)
})
