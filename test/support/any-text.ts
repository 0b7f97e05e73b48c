import fc from 'fast-check'

/** Halves of surrogate pairs are no code points of a text: they are left out of the range. */
const SURROGATES = { first: 0xd800, count: 0x800 } as const
/**
 * What fast-check calls `unit: 'binary'`, for which it makes a table of all of them first: that takes a
 * second in every process. The edges of the range come more often.
 */
const codePoint = fc
  .nat(0x10_ffff - SURROGATES.count)
  .map((at) => String.fromCodePoint(at < SURROGATES.first ? at : at + SURROGATES.count))

/** Well-formed text of any code points. */
export function anyText(
  lengths: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ unit: codePoint, ...lengths })
}
