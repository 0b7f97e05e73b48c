import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SubjectTable } from '../../../../sandbox/host/questions/subject-table.ts'
import { type KnownSubject, Subjects } from '../../../../sandbox/host/questions/subjects.ts'

test('a subject is defined once, and forgotten once when it is gone', () => {
  const subject = new Subjects().add('{}', '')
  const table = new SubjectTable()
  assert.deepEqual([table.define(subject), table.define(subject)], [true, false])
  subject.release()
  assert.deepEqual(table.takeForgotten(), [subject.ref])
  assert.deepEqual(table.takeForgotten(), [])
})

test('a fresh isolate knows nobody', () => {
  const subject = new Subjects().add('{}', '')
  const table = new SubjectTable()
  table.define(subject)
  table.clear()
  assert.equal(table.define(subject), true)
})

/** What an isolate does with the frames: the table must always know exactly what it knows. */
test('the isolate knows everyone it is asked about, never more than the bound, and nobody for ever', () => {
  const BOUND = 4
  const step = fc.record({ who: fc.nat(9), gone: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const subjects = new Subjects()
      const everyone: KnownSubject[] = Array.from({ length: 10 }, () => subjects.add('{}', ''))
      const table = new SubjectTable(BOUND)
      const isolate = new Set<number>()
      for (const { who, gone } of steps) {
        const subject = everyone[who] as KnownSubject
        for (const ref of table.takeForgotten()) assert.ok(isolate.delete(ref))
        if (table.define(subject)) isolate.add(subject.ref)
        assert.ok(isolate.has(subject.ref))
        assert.ok(isolate.size <= BOUND + 1)
        if (gone) subject.release()
      }
      for (const subject of everyone) subject.release()
      for (const ref of table.takeForgotten()) isolate.delete(ref)
      assert.equal(isolate.size, 0)
    }),
  )
})
