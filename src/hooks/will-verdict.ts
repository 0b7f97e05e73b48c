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
  const byRank = RANK[a.verdict] - RANK[b.verdict]
  if (byRank !== 0) return byRank > 0 ? a : b
  if (a.verdict === 'defer' && b.verdict === 'defer') return a.delaySec >= b.delaySec ? a : b
  if (a.verdict === 'set' && b.verdict === 'set') return isDeepStrictEqual(a.will, b.will) ? a : STRIP
  if (isSingle(a) && isSingle(b)) return mergeVerdicts(a, b)
  // no will when it is left, none when it is due: one and the same
  return a.verdict === b.verdict ? a : STRIP
}

const STRIP: WillVerdict = Object.freeze({ verdict: 'strip' })

const RANK: Readonly<Record<WillAnswer['verdict'], number>> = {
  abstain: 0,
  allow: 1,
  set: 2,
  defer: 3,
  strip: 4,
  suppress: 4,
  deny: 5,
  disconnect: 6,
}
