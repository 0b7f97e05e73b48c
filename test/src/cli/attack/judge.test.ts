import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attack } from '../../../../src/cli/attack/corpus.ts'
import { type Evidence, judgeAttack } from '../../../../src/cli/attack/judge.ts'

const ATTACK: Attack = { id: 'X99', class: 'cpu', title: 'it tries', plugin: '', endings: ['deny'] }
const QUIET: Evidence = {
  endings: ['deny', 'deny'],
  faults: [],
  lines: [],
  cellsEnded: [],
  delivered: 0,
  audited: [],
}
const FAULT = {
  tenant: 'X99',
  plugin: 'hostile',
  hook: 'authorizePublish',
  outcome: 'threw',
  detail: 'no "superuser"',
}
const RECORD = {
  at: 1,
  tenant: 'X99',
  plugin: 'hostile',
  digest: 'a'.repeat(64),
  event: 'fault',
  where: 'authorizePublish',
  outcome: 'threw',
  detail: '',
  count: 1,
} as const
const KILLED = 'a plugin does not come to an end'

test('an attack that ended as it may is no complaint', () => {
  assert.deepEqual(judgeAttack(ATTACK, QUIET), [])
  const all: Attack = {
    ...ATTACK,
    detail: /superuser/,
    logs: /hello/,
    linesAtMost: 1,
    deliversAtMost: 1,
    cell: 'killed',
  }
  const seen = { ...QUIET, faults: [FAULT], lines: ['hello'], cellsEnded: [KILLED], delivered: 1 }
  assert.deepEqual(judgeAttack(all, { ...seen, audited: [RECORD] }), [])
})

test('the audit has a fault once, and a second time with the count of the others', () => {
  const overdue = { ...FAULT, outcome: 'deadline' }
  const faults = [FAULT, FAULT, overdue, { ...FAULT, outcome: 'quarantined' }]
  const condemned = { ...RECORD, event: 'condemned', outcome: 'deadline' } as const
  const audited = [RECORD, condemned, { ...RECORD, count: 7 }]
  assert.deepEqual(judgeAttack(ATTACK, { ...QUIET, faults, audited }), [])
})

const WON: readonly (readonly [Partial<Attack>, Partial<Evidence>, RegExp])[] = [
  [{}, { endings: ['deny', 'allow'] }, /^it ended as allow, and may end as deny$/],
  [{ detail: /other/ }, { faults: [FAULT], audited: [RECORD] }, /^no fault says/],
  [{ logs: /hello/ }, { lines: ['bye'] }, /^no log line says/],
  [{ linesAtMost: 1 }, { lines: ['a', 'b'] }, /^it wrote 2 log lines, and may write 1$/],
  [{ deliversAtMost: 0 }, { delivered: 1 }, /^1 of its messages were delivered, and 0 may be$/],
  [{ cell: 'lives' }, { cellsEnded: ['SIGABRT'] }, /^its cell ended: "SIGABRT"$/],
  [
    {},
    { faults: [FAULT, FAULT], audited: [RECORD, RECORD, RECORD] },
    /^of authorizePublish that ended in threw the audit has, as fault, records of \[1, 1, 1\]$/,
  ],
  [{}, { faults: [FAULT] }, /has, as fault, records of \[\]$/],
  [{}, { faults: [FAULT], audited: [{ ...RECORD, count: 2 }, RECORD] }, /records of \[2, 1\]$/],
  [{}, { faults: [FAULT], audited: [{ ...RECORD, event: 'condemned' }] }, /as fault, records of \[\]$/],
  [
    {},
    { faults: [FAULT], audited: [{ ...RECORD, plugin: 'other' }] },
    /^the audit does not say which plugin/,
  ],
  [{}, { faults: [FAULT], audited: [{ ...RECORD, digest: '' }] }, /^the audit does not say which plugin/],
  [{ cell: 'killed' }, { cellsEnded: ['SIGABRT'] }, /^its cell was not killed$/],
]

for (const [attack, evidence, complaint] of WON) {
  test(`what it must not achieve is a complaint: ${complaint.source}`, () => {
    const complaints = judgeAttack({ ...ATTACK, ...attack }, { ...QUIET, ...evidence })
    assert.equal(complaints.length, 1)
    assert.match(String(complaints[0]), complaint)
  })
}
