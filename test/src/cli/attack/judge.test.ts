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
const FAULT = { tenant: 'X99', hook: 'authorizePublish', outcome: 'threw', detail: 'no "superuser"' }
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
  assert.deepEqual(judgeAttack(all, seen), [])
})

const WON: readonly (readonly [Partial<Attack>, Partial<Evidence>, RegExp])[] = [
  [{}, { endings: ['deny', 'allow'] }, /^it ended as allow, and may end as deny$/],
  [{ detail: /other/ }, { faults: [FAULT] }, /^no fault says/],
  [{ logs: /hello/ }, { lines: ['bye'] }, /^no log line says/],
  [{ linesAtMost: 1 }, { lines: ['a', 'b'] }, /^it wrote 2 log lines, and may write 1$/],
  [{ deliversAtMost: 0 }, { delivered: 1 }, /^1 of its messages were delivered, and 0 may be$/],
  [{ cell: 'lives' }, { cellsEnded: ['SIGABRT'] }, /^its cell ended: "SIGABRT"$/],
  [
    {},
    { faults: [FAULT], audited: [RECORD, RECORD] },
    /^the audit has 2 records of authorizePublish that ended in threw$/,
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
