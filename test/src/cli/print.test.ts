import assert from 'node:assert/strict'
import { type TestContext, it } from 'node:test'
import { BulkheadError } from '../../../src/base/errors.ts'
import { printError, printTrace } from '../../../src/cli/print.ts'

/** What is written to `stream` while `print` runs. */
function written(t: TestContext, stream: 'stdout' | 'stderr', print: () => void): string {
  const write = t.mock.method(process[stream], 'write', () => true)
  print()
  write.mock.restore()
  return write.mock.calls.map(({ arguments: [text] }) => String(text)).join('')
}

it('an error is its code and its message on one line, without a stack', (t) => {
  const text = written(t, 'stderr', () =>
    assert.equal(printError(new BulkheadError('ERR_LISTEN', 'taken')), 1),
  )
  assert.match(text, /ERR_LISTEN: taken\n$/)
})

it('several lines stand below each other', (t) => {
  const error = new BulkheadError('ERR_CONFIG_INVALID', 'f:1:1 one\nf:2:1 two')
  assert.match(
    written(t, 'stderr', () => printError(error)),
    /ERR_CONFIG_INVALID:\n {2}f:1:1 one\n {2}f:2:1 two\n$/,
  )
})

it('what is no operational error is our bug, and shows where', (t) => {
  const text = written(t, 'stderr', () => assert.equal(printError(new TypeError('oops')), 1))
  assert.match(text, /internal error: TypeError: oops\n +at /)
})

it('a usage error ends with 2', (t) => {
  written(t, 'stderr', () => assert.equal(printError(new BulkheadError('ERR_USAGE', 'x')), 2))
})

it('packets are shown on stdout', (t) => {
  assert.equal(
    written(t, 'stdout', () => printTrace('PINGREQ')),
    'PINGREQ\n',
  )
})
