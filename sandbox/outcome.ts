/**
 * How a guest call ended: exactly one word a question. The failure policy turns all but `ok` into a verdict.
 */
export const OUTCOMES = [
  'ok',
  'threw',
  'unsettled', // a promise that nothing outstanding can settle
  'bad-verdict', // the answer did not fit the hook's schema
  'timeout', // the isolate's own soft limit
  'deadline', // the broker's wall clock
  'memory', // the isolate's heap limit
  'crash', // the cell process died
  'throttled', // the tenant's CPU share is used up
  'overload', // the question queue is full
  'quarantined',
  'loading', // the plugin is not active, and did not become so in time
  'stopped', // the broker, or the tenant, is shutting down
] as const

export type Outcome = (typeof OUTCOMES)[number]
