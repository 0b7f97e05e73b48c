import { ReasonCode } from '../codec/reason-code.ts'
import type { Deny, Verdict } from '../hooks/verdict.ts'

/** A verdict that refuses, taken apart: what the client is told, and what only the log is. */
export interface Refusal {
  readonly code: number
  readonly reason: string | undefined
  readonly userProperties: readonly (readonly [string, string])[] | undefined
  /** For the log: the plugin's note, else what the client is told. */
  readonly detail: string
  readonly heard: Heard | undefined
}

/** How a client hears of a refusal, where not as its packet is usually answered. */
export type Heard = 'silent' | 'disconnect'

type Words = Partial<Pick<Deny, 'code' | 'reason' | 'note' | 'userProperties'>>

/** @param verdict deny or disconnect; anything else is here a refusal without words. */
export function refusalOf(verdict: Verdict): Refusal {
  const why: Words = verdict.verdict === 'deny' || verdict.verdict === 'disconnect' ? verdict : {}
  return {
    code: why.code ?? ReasonCode.unspecifiedError,
    reason: why.reason,
    userProperties: why.userProperties,
    detail: why.note ?? why.reason ?? 'not authorised',
    heard: heardOf(verdict),
  }
}

function heardOf(verdict: Verdict): Heard | undefined {
  if (verdict.verdict === 'disconnect') return 'disconnect'
  return verdict.verdict === 'deny' && verdict.ack === 'silent' ? 'silent' : undefined
}
