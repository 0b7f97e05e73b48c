import { CAPABILITY_CHARS, DETAIL_CHARS, SOURCE_CHARS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import type { AuditEntry, AuditTrail } from '../audit-trail.ts'
import { Strikes } from './strikes.ts'

/** Whose conduct it is. */
export type Offender = Pick<AuditEntry, 'tenant' | 'plugin' | 'digest'>

/** How a plugin has behaved: what goes to the audit, which sources it does not listen to, its quarantines. */
export class PluginConduct {
  readonly #offender: Offender
  readonly #audit: AuditTrail
  readonly #strikes = new Strikes()

  constructor(offender: Offender, audit: AuditTrail) {
    this.#offender = offender
    this.#audit = audit
  }

  isBlocked(source: string): boolean {
    return this.#strikes.isBlocked(source)
  }

  /** A call did not end well. */
  faulted(where: AuditEntry['where'], outcome: Outcome, detail: string): void {
    if (!AUDITED.has(outcome)) return
    this.#note(CONDEMNING.has(outcome) ? 'condemned' : 'fault', where, outcome, detail)
  }

  /** A power was refused. @param detail may be the plugin's own text. */
  denied(power: string, detail: string): void {
    this.#note('capability.denied', power.slice(0, CAPABILITY_CHARS), '', detail.slice(0, DETAIL_CHARS))
  }

  /** A verdict with `audit`. @param detail may be the plugin's own text. */
  decided(where: AuditEntry['where'], detail: string): void {
    this.#note('decision', where, '', detail.slice(0, DETAIL_CHARS))
  }

  /** @param source whose input it was, '' for nobody's. @returns why it must be quarantined, if it must. */
  struck(source: string, outcome: Outcome): string | undefined {
    const struck = this.#strikes.strike(source, performance.now())
    if (struck === 'blocked')
      this.#note('blocked', '', outcome, `its source: ${source.slice(0, SOURCE_CHARS)}`)
    if (struck !== 'quarantined') return undefined
    return source === '' ? `${outcome}, without any client's input` : `${outcome}, caused by several sources`
  }

  /** @returns for how long, in ms. */
  quarantined(reason: string): number {
    this.#note('quarantined', '', '', reason)
    return this.#strikes.quarantine(performance.now())
  }

  released(): void {
    this.#note('released', '', '', 'on probation')
  }

  renewed(detail: string): void {
    this.#note('renewed', '', '', detail)
  }

  #note(event: AuditEntry['event'], where: string, outcome: AuditEntry['outcome'], detail: string): void {
    this.#audit.add({ ...this.#offender, event, where, outcome, detail })
  }
}

const CONDEMNING: ReadonlySet<Outcome> = new Set(['timeout', 'memory', 'deadline', 'crash'])
const AUDITED: ReadonlySet<Outcome> = new Set([
  ...CONDEMNING,
  'threw',
  'bad-verdict',
  'unsettled',
  'throttled',
  'overload',
])
