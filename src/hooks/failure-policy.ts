import type { AskerName, HookName, Outcome } from '../../sandbox/index.ts'
import { ALLOW, NO_OPINION } from './merge-verdicts.ts'
import type { Verdict } from './verdict.ts'

/** What is answered in a plugin's place when its call did not end in `ok`. */
export type Fallback = 'deny' | 'abstain' | 'allow' | 'disconnect'

/** A plugin's fallbacks by hook, as the operator chose them. Where nothing is said: deny. */
export type FailurePolicy = Readonly<Partial<Record<HookName, Fallback>>>

/**
 * Refusals that the host makes carry 0x87 (not authorised); an overload 0x97 (quota exceeded), but in CONNACK
 * 0x89 (server busy), which tells the client to come back: HOOKS.md §2.
 */
const DENIED: Verdict = Object.freeze({ verdict: 'deny', code: 0x87 })
const OVERLOADED: Verdict = Object.freeze({ verdict: 'deny', code: 0x97 })
const BUSY: Verdict = Object.freeze({ verdict: 'deny', code: 0x89 })
const DISCONNECTED: Verdict = Object.freeze({ verdict: 'disconnect', code: 0x87 })

/** Turns a failed call into a verdict. Security fails closed: only an operator's word opens. */
export function fallbackVerdict(policy: FailurePolicy, hook: AskerName, outcome: Outcome): Verdict {
  switch (policy[hook] ?? 'deny') {
    case 'allow':
      return ALLOW
    case 'abstain':
      return NO_OPINION
    case 'disconnect':
      return DISCONNECTED
    case 'deny':
      if (outcome !== 'overload') return DENIED
      return hook === 'authenticate' || hook === 'authorizeWill' ? BUSY : OVERLOADED
  }
}

/** What a question that nobody had an opinion on is answered: all abstained. */
export const NOBODY_ALLOWED: Verdict = DENIED
