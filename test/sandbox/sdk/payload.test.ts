import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { json, text } from '../../../sandbox/sdk/payload.ts'
import { anyText } from '../../support/any-text.ts'

const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

suite('text reads UTF-8 as a strict decoder does', () => {
  test('of well-formed text', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 200 }), (written) => {
        const payload = new TextEncoder().encode(written)
        assert.equal(text({ payload }), fatal.decode(payload))
      }),
    )
  })

  test('of any bytes at all, refusing the same ones', () => {
    const lead = fc.constantFrom(
      0x41,
      0x80,
      0xbf,
      0xc0,
      0xc2,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xff,
      0x90,
      0xa0,
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.array(lead, { maxLength: 5 }), (some, others) => {
        const payload = Uint8Array.from([...others, ...some])
        assert.equal(
          outcome(() => text({ payload })),
          outcome(() => fatal.decode(payload)),
        )
      }),
      { numRuns: 2000 },
    )
  })

  test('of a payload that is longer than one call can take', () => {
    const written = 'a€💡'.repeat(100_000)
    assert.equal(text({ payload: new TextEncoder().encode(written) }), written)
  })
})

test('json reads what text reads', () => {
  assert.deepEqual(json({ payload: new TextEncoder().encode('{"a":[1]}') }), { a: [1] })
  assert.throws(() => json({ payload: new Uint8Array() }), SyntaxError)
})

test('without a payload the error says what to ask for', () => {
  assert.throws(() => text({}), /capabilities: \{ payload: true \}/)
})

function outcome(read: () => string): string {
  try {
    return `text ${read()}`
  } catch {
    return 'refused'
  }
}
