import fc from 'fast-check'
import { anyText } from './any-text.ts'

/**
 * Pieces at which parsers of URLs part. No host beyond ASCII is among them: those have tests of their own.
 */
// biome-ignore format: a table
const PIECES = [
  'http:', 'https:', 'file:', 'ws:', 'foo:', 'mailto:', 'data:', 'blob:http://x/', '/', '//', '///', '\\',
  '\\\\', 'a', 'b.c', 'example.com', 'EXAMPLE', '@', 'u:p@', ':', ':80', ':443', ':99999', '?', '?q=1', '#',
  '#f', '..', '.', '%2e', '%2E%2e', '%41', '%zz', '%', 'C:', 'C|', '/C:/', '[::1]', '[1::2:3.4.5.6]', '[1:2]',
  '127.1', '0x7f.1', '1.2.3.4.5', '256.256', '0', '08', 'localhost', ' ', '\t', '\n', "'", '"', '<', '>', '`',
  '{', '}', '|', '^', '~', '&', '=', '+', '\0', ';', '*',
]
const piece = fc.constantFrom(...PIECES)

/** Where any letter may stand: behind the host. */
const tail = anyText({ maxLength: 8 }).map((text) => `/${text}`)

/** Texts that are URLs, almost URLs, and parts of URLs. */
export const urlText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('http://', 'foo://', 'file://', 'https://'), fc.array(piece, { maxLength: 5 }))
      .map(([start, pieces]) => start + pieces.join('')),
  },
  { weight: 2, arbitrary: tail.map((path) => `https://example.com${path}`) },
  { weight: 1, arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }) },
)
