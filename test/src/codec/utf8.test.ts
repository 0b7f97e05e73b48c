import assert from 'node:assert/strict'
import { Buffer, isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { TEXT_JUDGED_HERE_BYTES } from '../../../src/base/limits.ts'
import { isUtf8String } from '../../../src/codec/utf8.ts'
import { text } from './arbitrary.ts'

function judge(bytes: Buffer): boolean {
  // among other bytes, which must not count
  const around = Buffer.concat([Buffer.from([0xc3]), bytes, Buffer.from([0x80])])
  return isUtf8String(around, 1, 1 + bytes.length)
}

test('every string of the standard is accepted, a byte order mark too [MQTT-1.5.4-3]', () => {
  fc.assert(fc.property(text, (string) => judge(Buffer.from(`\uFEFF${string}`))))
})

test('any bytes are judged as Node judges them, but that U+0000 is refused', () => {
  const nasty = fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5)
  const some = fc.array(fc.oneof(nasty, fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
  fc.assert(
    fc.property(some, (codes) => {
      const bytes = Buffer.from(codes)
      assert.equal(judge(bytes), isUtf8(bytes) && !bytes.includes(0))
    }),
    { numRuns: 5000 },
  )
})

test('a long string is judged as a short one', () => {
  const some = fc.array(fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0), { maxLength: 4 })
  fc.assert(
    fc.property(some, fc.boolean(), (codes, isLast) => {
      const odd = Buffer.from(codes)
      const long = Buffer.alloc(TEXT_JUDGED_HERE_BYTES, 'a')
      assert.equal(judge(Buffer.concat(isLast ? [long, odd] : [odd, long])), judge(odd))
    }),
  )
})

for (const [what, hex] of [
  ['U+0000 [MQTT-1.5.4-2]', '610062'],
  ['U+0000 in two bytes', 'c080'],
  ['a surrogate [MQTT-1.5.4-1]', 'eda080'],
  ['a code point past U+10FFFF', 'f4908080'],
  ['a sequence that is cut short', 'e282'],
  ['a lone continuation byte', '80'],
] as const) {
  test(`${what} is refused`, () => {
    assert.equal(judge(Buffer.from(hex, 'hex')), false)
  })
}
