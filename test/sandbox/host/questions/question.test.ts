import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newQuestion } from '../../../../sandbox/host/questions/question.ts'
import { Subjects } from '../../../../sandbox/host/questions/subjects.ts'

test('a question is charged to who caused it, else to whom it is about, else to nobody', () => {
  const ann = new Subjects().add('{}', 'client ann')
  const sourceOf = (...[subject, origin]: [typeof ann | null, { source?: string }]): string =>
    newQuestion(0, subject, '{}', null, 0, origin, 0).source
  assert.equal(sourceOf(ann, {}), 'client ann')
  assert.equal(sourceOf(ann, { source: 'client eve' }), 'client eve')
  assert.equal(sourceOf(null, {}), '')
})
