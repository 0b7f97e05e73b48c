import fc from 'fast-check'
import { type ParsedFilter, parseFilter } from '../../src/router/topic-filter.ts'

// few words, so that topics and filters meet; with empty levels, `$` and a level that extends another
const WORDS = ['', 'a', 'b', 'ab', '$s', '$']

/** Topic names over a small alphabet. */
export const topicNames: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '')

/** Topic filters over the same alphabet, without `$share`. */
export const topicFilters: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.constantFrom(...WORDS, '+', '+'), { minLength: 0, maxLength: 4 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
  .filter((filter) => filter !== '')

/** The filter, which must be a good one. */
export function parsed(text: string): ParsedFilter {
  const filter = parseFilter(text)
  if ('refusal' in filter) throw new Error(`${JSON.stringify(text)}: ${filter.refusal}`)
  return filter
}
