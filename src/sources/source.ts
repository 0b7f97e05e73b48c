import type { QueryRow, SourceFailure, SourceParameters, SourceValue } from '../../sandbox/index.ts'
import type { QueryConfig } from '../config/source-config.ts'

/** What the operator should hear of databases and directories. Their own words are in `detail`. */
export interface SourceObserver {
  /** It cannot be reached, refuses its user, or refuses a query. */
  sourceFailed(source: string, detail: string): void
  /** It answers again. */
  sourceRecovered(source: string): void
}

/** One question to a database. */
export interface Question {
  /** Whose it is: tenants take turns. */
  readonly tenant: string
  readonly query: QueryConfig
  /** In the order of the query's parameters. */
  readonly values: readonly SourceValue[]
  /** What the rows may come to as JSON. */
  readonly mostBytes: number
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
}

/** A database as the broker asks it. Failures are expected, and values; it throws for bugs of ours alone. */
export interface Database {
  run(question: Question): Promise<readonly QueryRow[] | SourceFailure>
  /** Whatever is under way comes to nothing. */
  stop(): Promise<void>
}

export const UNREACHABLE: SourceFailure = { failure: 'unavailable', why: 'the source cannot be reached' }
export const REFUSED: SourceFailure = { failure: 'unavailable', why: 'the source refuses the question' }
export const TOO_LATE: SourceFailure = { failure: 'unavailable', why: 'there was no whole answer in time' }
export const TOO_MUCH: SourceFailure = { failure: 'limit', why: 'the answer is larger than it may be' }
export const UNFIT: SourceFailure = { failure: 'invalid', why: 'a value does not fit the query' }

/** What a tenant may not choose: the broker says who asks. */
const TENANT = 'tenant'

/**
 * The values of the parameters that the operator named, in their order. All must be given, and no others, but
 * for `tenant`, which nobody else may give.
 */
export function orderedValues(
  names: readonly string[],
  tenant: string,
  given: SourceParameters,
): readonly SourceValue[] | SourceFailure {
  const known = names.filter((name) => name !== TENANT)
  const missing = known.find((name) => !Object.hasOwn(given, name))
  if (missing !== undefined) return { failure: 'invalid', why: `parameters: ${missing} is missing` }
  if (Object.keys(given).some((name) => !known.includes(name))) {
    return { failure: 'invalid', why: `parameters: must be ${known.join(', ') || 'none'}` }
  }
  return names.map((name) => (name === TENANT ? tenant : (given[name] ?? null)))
}
