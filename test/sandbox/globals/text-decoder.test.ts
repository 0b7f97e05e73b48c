import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TextDecoder as Ours } from '../../../sandbox/globals/text-decoder.ts'
import { anyText } from '../../support/any-text.ts'

const options = fc.record({ fatal: fc.boolean(), ignoreBOM: fc.boolean() })
/** Random bytes are hardly ever long sequences: some are written out. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  anyText().map((text) => new TextEncoder().encode(text)),
  anyText().map((text) => new TextEncoder().encode(`\ufeff${text}`)),
)

function outcome(run: () => string): string {
  try {
    return run()
  } catch (thrown) {
    return (thrown as Error).name
  }
}

test('TextDecoder decodes, or throws, as Node does', () => {
  fc.assert(
    fc.property(bytes, options, (input, how) => {
      const [ours, theirs] = [new Ours('UTF8', how), new TextDecoder('UTF8', how)]
      assert.equal(
        outcome(() => ours.decode(input)),
        outcome(() => theirs.decode(input)),
      )
      assert.equal(
        outcome(() => ours.decode(input)),
        outcome(() => theirs.decode(input)),
        'used again',
      )
    }),
  )
})

// Node's own stream is no oracle: it leaves out a mark that an ill-formed sequence came before.
test('a stream of pieces is decoded as Node decodes the whole', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 4 }), fc.boolean(), (pieces, ignoreBOM) => {
      const ours = new Ours('utf-8', { ignoreBOM })
      const streamed = pieces.map((piece) => ours.decode(piece, { stream: true })).join('') + ours.decode()
      assert.equal(streamed, new TextDecoder('utf-8', { ignoreBOM }).decode(Buffer.concat(pieces)))
    }),
  )
})

test('it reads buffers and every view of them', () => {
  const { buffer } = Uint8Array.of(0x61, 0x62, 0x63, 0x64)
  assert.equal(new Ours().decode(buffer), 'abcd')
  assert.equal(new Ours().decode(new DataView(buffer, 1, 2)), 'bc')
  assert.equal(new Ours().decode(new Uint16Array(buffer, 2)), 'cd')
  assert.throws(() => new Ours().decode('abcd' as unknown as ArrayBuffer), TypeError)
})

test('another encoding than UTF-8 is refused by name', () => {
  assert.equal(new Ours(' Unicode-1-1-UTF-8\n').encoding, 'utf-8')
  assert.throws(() => new Ours('utf-16le'), {
    name: 'RangeError',
    message: /"utf-16le" is unknown here; utf-8 is known/,
  })
})
