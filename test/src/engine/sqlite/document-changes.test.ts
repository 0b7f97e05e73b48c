import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readChanges, writeChanges } from '../../../../src/engine/sqlite/document-changes.ts'
import { OperationReader, OperationWriter } from '../../../../src/engine/sqlite/operations.ts'

const text = fc.string({ unit: 'binary', maxLength: 9 })

const change = fc.record(
  {
    tenant: text,
    kind: text,
    key: text,
    text: fc.option(text, { nil: null }),
    ifRevision: fc.option(fc.nat(), { nil: undefined }),
  },
  { noNullPrototype: true },
)

test('changes are read as they were written, an empty text apart from none', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      const to = new OperationWriter(16)
      writeChanges(to, changes)
      const from = new OperationReader(to.bytes)
      assert.deepEqual(readChanges(from), changes)
      assert.equal(from.more, false)
    }),
  )
})
