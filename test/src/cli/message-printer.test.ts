import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { it } from 'node:test'
import { MessagePrinter, type PrintFlags } from '../../../src/cli/message-printer.ts'

/** A stream that keeps what was written to it. */
class Paper extends Writable {
  readonly chunks: Buffer[] = []

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }
}

/** What is printed of a message, an empty one and a retained one, and how often it was done. */
function printed(flags: Partial<PrintFlags>): [string, number] {
  const paper = new Paper()
  let done = 0
  const printer = new MessagePrinter({ stale: true, eol: true, ...flags }, paper, () => {
    done++
  })
  printer.print('a', Buffer.from('one'), false)
  printer.print('b', Buffer.alloc(0), false)
  printer.print('c', Buffer.from('three'), true)
  return [Buffer.concat(paper.chunks).toString(), done]
}

it('a message is its payload and a line break', () => {
  assert.deepEqual(printed({}), ['one\n\nthree\n', 0])
})

it('the topic stands before it with -v, and an empty payload is (null)', () => {
  assert.deepEqual(printed({ verbose: true }), ['a one\nb (null)\nc three\n', 0])
})

it('nothing follows it with -N', () => {
  assert.deepEqual(printed({ eol: false }), ['onethree', 0])
})

it('retained messages are left out with -R, and do not count', () => {
  assert.deepEqual(printed({ stale: false, count: 3 }), ['one\n\n', 0])
})

it('the last that is wanted is the last that is printed, and is told once', () => {
  assert.deepEqual(printed({ count: 1 }), ['one\n', 1])
})

it('bytes come out as they are, text or not', () => {
  const paper = new Paper()
  const payload = Buffer.from([0xff, 0x00, 0xc3])
  new MessagePrinter({ stale: true, eol: false }, paper, () => assert.fail()).print('a', payload, false)
  assert.deepEqual(Buffer.concat(paper.chunks), payload)
})
