import type { CheckedVerdict } from './checked-verdict.ts'

/** What the audit is to say of a verdict; null, as of most: it need not know of it. */
export function auditedDecision(verdict: CheckedVerdict): string | null {
  if (verdict.verdict === 'allow') return verdict.audit === true ? 'allow' : null
  if (verdict.verdict === 'deny') {
    if (verdict.audit !== true) return null
    const { code = 0x80, note, reason } = verdict
    const why = note ?? reason
    return `deny 0x${code.toString(16)}${why === undefined ? '' : ` (${why})`}`
  }
  if (verdict.verdict !== 'filters') return null
  const decisions = verdict.filters.flatMap((each, place) => {
    const decision = auditedDecision(each)
    return decision === null ? [] : [`filter ${place}: ${decision}`]
  })
  return decisions.length === 0 ? null : decisions.join(', ')
}
