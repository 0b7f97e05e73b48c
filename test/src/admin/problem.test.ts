import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notFound, Problem, problemOf } from '../../../src/admin/problem.ts'
import { BulkheadError } from '../../../src/base/errors.ts'

test('each kind of error has its status', () => {
  for (const [error, status] of [
    [new Problem(412, 'changed'), 412],
    [notFound('tenant x'), 404],
    [new BulkheadError('ERR_STORE', 'full'), 503],
    [new BulkheadError('ERR_UNKNOWN', 'none'), 404],
    [new BulkheadError('ERR_CONFLICT', 'twice'), 409],
    [new BulkheadError('ERR_PLUGIN_UPLOAD', 'broken'), 422],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 413],
    [new TypeError('ours'), 500],
    ['thrown text', 500],
    [Object.assign(new Error('not of a client'), { statusCode: 502 }), 500],
  ] as const) {
    const { body, isBug } = problemOf(error)
    assert.deepEqual([body.status, isBug], [status, status === 500], String(error))
  }
})

test('a code of the registry is told; what is not told is our own fault’s text', () => {
  assert.equal(problemOf(new BulkheadError('ERR_STORE', 'full')).body.code, 'ERR_STORE')
  assert.doesNotMatch(problemOf(new TypeError('ours')).body.detail, /ours/)
})
