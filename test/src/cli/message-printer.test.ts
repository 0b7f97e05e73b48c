import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { it } from 'node:test'
import { MessagePrinter, type PrintFlags } from '../../../src/cli/message-printer.ts'
import { parseFormat } from '../../../src/cli/output-format.ts'
import type { PublishPacket } from '../../../src/client/connection.ts'

/** A stream that keeps what was written to it. */
class Paper extends Writable {
  readonly chunks: Buffer[] = []

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }
}

function packet(topic: string, payload: Buffer, retain: boolean): PublishPacket {
  return { cmd: 'publish', topic, payload, qos: 0, dup: false, retain }
}

/** Prints a message, an empty one and a retained one. */
function print(flags: Partial<PrintFlags>, paper: Writable, onDone: () => void): void {
  const printer = new MessagePrinter({ stale: true, eol: true, ...flags }, paper, onDone)
  for (const [topic, text, retain] of [
    ['a', 'one', false],
    ['b', '', false],
    ['c', 'three', true],
  ] as const) {
    printer.print(topic, Buffer.from(text), packet(topic, Buffer.from(text), retain))
  }
}

/** What is printed of them, and how often it was done. */
function printed(flags: Partial<PrintFlags>): [string, number] {
  const paper = new Paper()
  let done = 0
  print(flags, paper, () => {
    done++
  })
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

it('it is what -F says, even with -v', () => {
  assert.deepEqual(printed({ verbose: true, format: parseFormat('%t=%p') }), ['a=one\nb=\nc=three\n', 0])
})

it('what -T matches is left out, and does not count', () => {
  assert.deepEqual(printed({ filterOut: ['a', 'b/#'], count: 1 }), ['three\n', 1])
})

it('retained messages are left out with -R, and do not count', () => {
  assert.deepEqual(printed({ stale: false, count: 3 }), ['one\n\n', 0])
})

it('with --retained-only, the first that is none is the end, and nothing comes behind it', () => {
  assert.deepEqual(printed({ retainedOnly: true }), ['', 1])
})

it('the last that is wanted is the last that is printed, and is told once', () => {
  assert.deepEqual(printed({ count: 1 }), ['one\n', 1])
})

it('one that does not fit its format counts as well', () => {
  const flags = { format: parseFormat('%J'), count: 1 }
  let done = 0
  assert.throws(
    () =>
      print(flags, new Paper(), () => {
        done++
      }),
    { code: 'ERR_CLIENT', message: 'Message payload is not valid JSON on topic a' },
  )
  assert.equal(done, 1)
})

it('bytes come out as they are, text or not', () => {
  const paper = new Paper()
  const payload = Buffer.from([0xff, 0x00, 0xc3])
  const printer = new MessagePrinter({ stale: true, eol: false }, paper, () => assert.fail())
  printer.print('a', payload, packet('a', payload, false))
  assert.deepEqual(Buffer.concat(paper.chunks), payload)
})
