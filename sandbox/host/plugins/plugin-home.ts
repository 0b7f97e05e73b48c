import type { AuditTrail } from '../audit-trail.ts'
import type { TenantPorts } from '../capabilities/powers.ts'
import type { HostObserver, TenantSpec } from '../host-ports.ts'
import type { PerSecond } from '../per-second.ts'

/** How long what was asked may wait before it is sent, and how it is answered then. */
export interface Patience {
  /** The wait counts from here, or from when it was asked if that is later; in ms of `performance.now`. */
  readonly since: number
  readonly ms: number
  readonly outcome: 'loading' | 'overload' | 'throttled'
}

/** What a plugin needs of its tenant. */
export interface PluginHome<Plugin> {
  readonly spec: TenantSpec
  readonly observer: HostObserver
  readonly ports: TenantPorts
  readonly audit: AuditTrail
  /** Begins a piece of work when it is the tenant's turn; undefined: too much waits already. */
  inTurn<Result>(work: () => Result): Promise<Result> | undefined
  readonly lineBudget: PerSecond
  /** Whether nothing new is sent: its tenant's share of the processor is used up, or its cell is to end. */
  readonly isHeld: boolean
  /** How long after an isolate was made anew for being full the next one is not, in ms. */
  readonly renewalMs: number
  /** It has something to send, or its clock must be looked at. */
  wake(): void
  /** Its isolate hit a limit and is gone: a fresh one is wanted. */
  reload(plugin: Plugin): void
  /** Its isolate is to go, if it has one. */
  drop(plugin: Plugin): void
  /** It does not activate, or must not; a new attempt is wanted after this time. */
  retry(plugin: Plugin, delayMs: number): void
  /** It is active, or failed, and somebody may wait for that. */
  pluginSettled(): void
}
