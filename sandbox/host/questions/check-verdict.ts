import { JSON_PARTS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import type { AskerName } from '../../sdk/hooks.ts'
import { ANSWER } from '../../wire/messages.ts'
import { type Field, isObject, Mistake } from '../fields.ts'
import type { CheckedVerdict } from './checked-verdict.ts'
import { VERDICT_FIELDS } from './verdict-shapes.ts'
import { parseWeighed } from './weigh-json.ts'

/** The answers that most questions get: made once, so that one costs no allocation. */
export const ALLOW: CheckedVerdict = Object.freeze({ verdict: 'allow' })
export const ABSTAIN: CheckedVerdict = Object.freeze({ verdict: 'abstain' })
export const DENY: CheckedVerdict = Object.freeze({ verdict: 'deny' })

/** What a plugin's answer came to: a verdict, or how it failed. */
export type Judged = CheckedVerdict | Fault

/** An answer that is none. */
export class Fault {
  readonly outcome: Outcome
  readonly detail: string

  constructor(outcome: Outcome, detail: string) {
    this.outcome = outcome
    this.detail = detail
  }
}

/**
 * Judges one element of a frame's answers. It is parsed JSON from a hostile process: a verdict is built anew,
 * field by field, from own properties that the hook's shape knows, and never merged into anything.
 */
export function judge(hook: AskerName, raw: unknown): Judged {
  switch (raw) {
    case ANSWER.allow:
      return ALLOW
    case ANSWER.abstain:
      return ABSTAIN
    case ANSWER.deny:
      return DENY
    default:
      if (typeof raw !== 'string') return readVerdict(hook, raw)
      return raw.startsWith('{') ? readVerdict(hook, parseWeighed(raw, JSON_PARTS)) : readFault(raw)
  }
}

function readVerdict(hook: AskerName, raw: unknown): Judged {
  // whatever a frame's number may be taken for: what is no asker has no verdicts
  const read: Field | undefined = VERDICT_FIELDS[hook]
  if (read === undefined || !isObject(raw))
    return new Fault('bad-verdict', `${hook}: no verdict, or too large a one`)
  const checked = read(raw)
  if (checked instanceof Mistake) return new Fault('bad-verdict', checked.under(hook).text)
  // every shape of VERDICT_FIELDS is one of CheckedVerdict's: its reader made this object
  return checked as CheckedVerdict
}

/** `outcome:detail`, as the guest writes faults. */
export function readFault(raw: string): Fault {
  const end = raw.indexOf(':')
  const word = raw.slice(0, end)
  const known = word === 'threw' || word === 'unsettled' || word === 'bad-verdict'
  return known
    ? new Fault(word, raw.slice(end + 1))
    : new Fault('bad-verdict', 'an answer that no guest of ours writes')
}
