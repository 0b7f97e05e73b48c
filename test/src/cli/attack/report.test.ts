import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '../../../../src/cli/attack/arena.ts'
import { attackLines, HEADING, resultJson, summaryLines } from '../../../../src/cli/attack/report.ts'

const CONTAINED: Result = {
  attack: { id: 'C04', class: 'cpu', title: 'a built-in without end', plugin: '', endings: ['deadline'] },
  endings: ['deadline', 'deadline'],
  tookMs: 187.4,
  lagMs: 1.25,
  blockedMs: 0.5,
  grewBytes: 2 ** 20,
  bystander: { rounds: 90, p50Ms: 0.8, p99Ms: 3, worstMs: 4.04, complaints: [] },
  complaints: [],
}
const LOST: Result = {
  ...CONTAINED,
  attack: { ...CONTAINED.attack, id: 'C05', title: 'x'.repeat(100) },
  endings: ['allow', 'deny'],
  lagMs: 30,
  complaints: ['it ended as allow, and may end as deadline'],
}

test('a line says what was tried, how it ended and what it cost, in columns', () => {
  const [line = '', ...more] = attackLines(CONTAINED, false)
  assert.match(line, /^✔ C04 {2}a built-in without end {23,}deadline +187 ms +4\.0 ms +1\.3 ms +1\.0 MiB$/)
  assert.equal(line.length, HEADING.length)
  assert.deepEqual(more, [])
})

test('an attack that was not contained is marked, and says what it won', () => {
  const [line = '', complaint] = attackLines(LOST, false)
  assert.match(line, /^✘ C05 {2}x+… allow, deny /)
  assert.equal(complaint, '       it ended as allow, and may end as deadline')
})

test('the summary counts, and names the worst of each kind', () => {
  const text = summaryLines([CONTAINED, LOST], ['two descriptors are left'], false).join('\n')
  assert.match(text, /^1 of 2 attacks contained, 1 not\.$/m)
  assert.match(text, /180 answers.* half of them within 0\.8 ms, the last within 4\.0 ms \(C04\)/)
  assert.match(text, /away for 30 ms at most \(C05\); it grew by 2\.0 MiB/)
  assert.match(text, /^two descriptors are left$/m)
  assert.match(summaryLines([CONTAINED], [], false)[0] ?? '', /^1 of 1 attacks contained\.$/)
})

test('machines get the same figures', () => {
  assert.deepEqual(resultJson(CONTAINED), {
    id: 'C04',
    class: 'cpu',
    title: 'a built-in without end',
    contained: true,
    endings: ['deadline', 'deadline'],
    tookMs: 187.4,
    lagMs: 1.25,
    grewBytes: 2 ** 20,
    neighbour: { answers: 90, p50Ms: 0.8, p99Ms: 3, worstMs: 4.04 },
    complaints: [],
  })
})
