import type { Attack, Ending } from './corpus.ts'
import type { AuditRecord } from '../../index.ts'
import type { LoggedFault } from './target-log.ts'

/** What was seen of one attack, from all sides. */
export interface Evidence {
  readonly endings: readonly Ending[]
  /** The faults of its plugin that the broker logged. */
  readonly faults: readonly LoggedFault[]
  /** Its plugin's log lines. */
  readonly lines: readonly string[]
  /** How its cells ended, while it was provoked. */
  readonly cellsEnded: readonly string[]
  readonly delivered: number
  /** What the audit has of its tenant. */
  readonly audited: readonly AuditRecord[]
}

/** What an attack achieved that it must not, in words; nothing, if it was contained. */
export function judgeAttack(attack: Attack, evidence: Evidence): string[] {
  const { endings, faults, lines, cellsEnded, delivered } = evidence
  const complaints: string[] = []
  for (const ending of endings) {
    if (!attack.endings.includes(ending)) {
      complaints.push(`it ended as ${ending}, and may end as ${attack.endings.join(', ')}`)
    }
  }
  const { detail, logs, linesAtMost, deliversAtMost } = attack
  if (detail !== undefined && !faults.some((fault) => detail.test(fault.detail))) {
    complaints.push(`no fault says ${detail}: ${JSON.stringify(faults.map((fault) => fault.detail))}`)
  }
  if (logs !== undefined && !lines.some((line) => logs.test(line)))
    complaints.push(`no log line says ${logs}`)
  if (linesAtMost !== undefined && lines.length > linesAtMost) {
    complaints.push(`it wrote ${lines.length} log lines, and may write ${linesAtMost}`)
  }
  if (deliversAtMost !== undefined && delivered > deliversAtMost) {
    complaints.push(`${delivered} of its messages were delivered, and ${deliversAtMost} may be`)
  }
  if (attack.cell === 'lives' && cellsEnded.length > 0) {
    complaints.push(`its cell ended: ${JSON.stringify(cellsEnded[0])}`)
  }
  if (attack.cell === 'killed' && !cellsEnded.some((reason) => KILLED.test(reason))) {
    complaints.push('its cell was not killed')
  }
  return [...complaints, ...auditComplaints(evidence)]
}

/** What the host says when it kills a cell whose plugin does not come to an end. */
export const KILLED: RegExp = /does not come to an end/

/** Ends of the isolate, or of the cell: a class of their own in the audit. */
const CONDEMNING: readonly string[] = ['timeout', 'memory', 'deadline', 'crash']
/** What follows from something that the audit has already. */
const CONSEQUENCES: readonly string[] = ['quarantined', 'loading', 'stopped']

/**
 * Each way in which calls of a hook failed has one record, however often they did, and one more at most,
 * which counts the others. It names the plugin and its bundle.
 */
function auditComplaints({ faults, audited }: Evidence): string[] {
  const complaints = new Set<string>()
  for (const { plugin, hook, outcome } of faults) {
    if (CONSEQUENCES.includes(outcome)) continue
    const event = CONDEMNING.includes(outcome) ? 'condemned' : 'fault'
    const alike = audited.filter(
      (each) => each.event === event && each.where === hook && each.outcome === outcome,
    )
    const [first, closing, ...more] = alike
    if (first === undefined || more.length > 0 || (closing !== undefined && first.count !== 1)) {
      const counts = alike.map(({ count }) => count).join(', ')
      complaints.add(`of ${hook} that ended in ${outcome} the audit has, as ${event}, records of [${counts}]`)
    }
    if (alike.some((each) => each.plugin !== plugin || !/^[0-9a-f]{64}$/.test(each.digest))) {
      complaints.add(`the audit does not say which plugin: ${hook}, ${outcome}`)
    }
  }
  return [...complaints]
}
