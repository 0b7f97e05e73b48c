/**
 * One attack of the corpus, as plain data: what the hostile plugin tries, and what must come of it. The tests
 * and `bulkhead attack` run the same definitions. This project imports nothing, so that both may import it.
 */
export interface Attack {
  /** A letter for the class and two digits; ATTACKS' numbers where it has one, `V…` for our own. */
  readonly id: string
  readonly class: AttackClass
  /** What it tries, then the rule that it proves. */
  readonly title: string
  /** The hostile `plugin.ts`, whole. */
  readonly plugin: string
  /** The plugin's options in the operator's config. */
  readonly options?: Readonly<Record<string, unknown>>
  /** What the operator allows its tenant beside what stays inside a tenant. */
  readonly allow?: Readonly<Record<string, boolean | Readonly<Record<string, unknown>>>>
  /** Exchanged in the bundle after it was built: what our own bundler would not have let pass. */
  readonly tamper?: { readonly from: string; readonly to: string }
  /** Which hook is provoked. Default: `authorizePublish`. */
  readonly hook?: Provoked
  /** How often. Default: twice, since what one call leaves behind is half of an attack. */
  readonly times?: number
  /** So many PUBLISH packets at a time, each of which must end as one may. Default: 1. */
  readonly burst?: number
  /** Every ending that is acceptable, for each of the times. */
  readonly endings: readonly Ending[]
  /** What the report of a fault must say. */
  readonly detail?: RegExp
  /** `lives`: the process must survive all of it; `killed`: it must be ended by the host. */
  readonly cell?: 'lives' | 'killed'
  /** The most log lines under the plugin's name, in all. */
  readonly linesAtMost?: number
  /** What one of its log lines must say. */
  readonly logs?: RegExp
  /** The most messages that its tenant's subscribers get from it, in all. */
  readonly deliversAtMost?: number
}

export type AttackClass =
  | 'escape'
  | 'read'
  | 'cross-tenant'
  | 'cpu'
  | 'memory'
  | 'time'
  | 'crash'
  | 'flood'
  | 'spoof'
  | 'pollute'
  | 'upgrade'
  | 'capability'

/** By a CONNECT, a PUBLISH, a SUBSCRIBE; the last two by a PUBLISH that is delivered, and told. */
export type Provoked =
  | 'authenticate'
  | 'authorizePublish'
  | 'authorizeSubscribe'
  | 'authorizeReceive'
  | 'onBrokerMessageReceived'

/** How one provocation ended. */
export type Ending =
  /** A valid verdict. */
  | 'allow'
  | 'deny'
  /** No verdict, whatever the reason: the failure policy denied. */
  | 'threw'
  | 'unsettled'
  | 'bad-verdict'
  | 'timeout'
  | 'deadline'
  | 'memory'
  | 'crash'
  | 'overload'
  | 'throttled'
  | 'quarantined'
  | 'loading'
  /** It never became active: its tenant is closed. */
  | 'load-failed'
  /** Refused by the broker without a word of why: so many faults a second are reported, and no more. */
  | 'closed'
  /** The client was disconnected. */
  | 'disconnected'
  /** Nothing came within the time that a client waits. */
  | 'unanswered'
