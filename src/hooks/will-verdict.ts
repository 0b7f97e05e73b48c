import { isDeepStrictEqual } from 'node:util'
import type { WillVerdict } from '../../sandbox/index.ts'
import { mergeVerdicts } from './merge-verdicts.ts'
import { isSingle } from './question.ts'
import type { Verdict } from './verdict.ts'

/** What one plugin says of a will, or several together. */
export type WillAnswer = Verdict | WillVerdict

/**
 * Several plugins' words on one will become one, whatever their order: refusals > no will at all > later >
 * another will > allow > abstain. Two that would have different wills in its place cannot both be right: then
 * there is none.
 */
export function mergeWillVerdicts(a: WillAnswer, b: WillAnswer): WillAnswer {
  const byRank = rankOf(a) - rankOf(b)
  if (byRank !== 0) return byRank > 0 ? a : b
  if (a.verdict === 'defer' && b.verdict === 'defer') return a.delaySec >= b.delaySec ? a : b
  if (a.verdict === 'set' && b.verdict === 'set') return isDeepStrictEqual(a.will, b.will) ? a : CONTRADICTION
  if (isSingle(a) && isSingle(b)) return mergeVerdicts(a, b)
  // no will when it is left, none when it is due: one and the same
  return a.verdict === b.verdict ? a : STRIP
}

const STRIP: WillVerdict = Object.freeze({ verdict: 'strip' })

/**
 * It is no plugin's word, so it gives way to a deferral as each of the two does: with three plugins it must
 * not matter which two answered first.
 */
const CONTRADICTION: WillVerdict = Object.freeze({ verdict: 'strip' })

function rankOf(answer: WillAnswer): number {
  return answer === CONTRADICTION ? CONTRADICTION_RANK : RANK[answer.verdict]
}

const RANK: Readonly<Record<WillAnswer['verdict'], number>> = {
  abstain: 0,
  allow: 1,
  set: 2,
  defer: 4,
  strip: 5,
  suppress: 5,
  deny: 6,
  disconnect: 7,
}
const CONTRADICTION_RANK = 3
