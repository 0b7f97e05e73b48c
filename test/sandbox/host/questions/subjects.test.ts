import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Subjects } from '../../../../sandbox/host/questions/subjects.ts'

test('subjects are numbered from 1 and never alike', () => {
  const subjects = new Subjects()
  assert.deepEqual([subjects.add('{}', '').ref, subjects.add('{}', '').ref], [1, 2])
})

test('everyone who knows a subject is told once that it is gone', () => {
  const subject = new Subjects().add('{}', '')
  const told: number[] = []
  const keeper = { forget: (ref: number) => void told.push(ref) }
  subject.keptBy(keeper)
  subject.keptBy(keeper)
  subject.release()
  subject.release()
  assert.deepEqual(told, [subject.ref])
  assert.equal(subject.released, true)
})
