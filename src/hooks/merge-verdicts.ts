import type { Verdict } from './verdict.ts'

/**
 * Several plugins' verdicts become one: disconnect > deny > allow > abstain, whatever the order. The
 * operation is commutative, associative and idempotent (property-tested), so that neither the order of
 * plugins in the config nor the order of their answers can change who gets in.
 */
export function mergeVerdicts(a: Verdict, b: Verdict): Verdict {
  if (a === b) return a
  const byRank = RANK[a.verdict] - RANK[b.verdict]
  if (byRank !== 0) return byRank > 0 ? a : b
  if (a.verdict === 'allow' && b.verdict === 'allow') return mergeAllows(a, b)
  // of two refusals, or two abstentions, the one that sorts last speaks: which one does not matter, only that
  // it is the same one in every order
  return sortKey(a) >= sortKey(b) ? a : b
}

type AllowVerdict = Extract<Verdict, { verdict: 'allow' }>

/** What the neutral element of merging is: nobody has said anything yet. */
export const NO_OPINION: Verdict = Object.freeze({ verdict: 'abstain' })
export const ALLOW: AllowVerdict = Object.freeze({ verdict: 'allow' })

const RANK = { abstain: 0, allow: 1, deny: 2, disconnect: 3 } as const

/** Two plugins that name different principals, or rewrite to different filters, cannot both be right. */
const CONTRADICTION: Verdict = Object.freeze({
  verdict: 'deny',
  code: 0x87,
  note: 'plugins contradict each other',
})

function mergeAllows(a: AllowVerdict, b: AllowVerdict): Verdict {
  if (contradict(a.principal, b.principal) || contradict(a.rewriteTo, b.rewriteTo)) return CONTRADICTION
  return dropUndefined({
    verdict: 'allow',
    // an answer may be reused only as long as everybody says so
    cacheMs: a.cacheMs === undefined || b.cacheMs === undefined ? undefined : Math.min(a.cacheMs, b.cacheMs),
    cacheTag: last(a.cacheTag, b.cacheTag),
    throttleMs: most(a.throttleMs, b.throttleMs),
    audit: either(a.audit, b.audit),
    maxQos: least(a.maxQos, b.maxQos),
    retain: a.retain === false || b.retain === false ? false : undefined,
    rewriteTo: a.rewriteTo ?? b.rewriteTo,
    noLocal: either(a.noLocal, b.noLocal),
    retainAsPublished: both(a.retainAsPublished, b.retainAsPublished),
    retainHandling: most(a.retainHandling, b.retainHandling),
    principal: a.principal ?? b.principal,
    roles: union(a.roles, b.roles),
    attributes: mergeRecords(a.attributes, b.attributes, last),
    grants: unionBy(a.grants, b.grants),
    expiresInMs: least(a.expiresInMs, b.expiresInMs),
    refreshInMs: least(a.refreshInMs, b.refreshInMs),
    session: mergeRecords(a.session, b.session, strictest),
    connack: mergeConnacks(a.connack, b.connack),
  }) as AllowVerdict
}

type Connack = NonNullable<AllowVerdict['connack']>

function mergeConnacks(a: Connack | undefined, b: Connack | undefined): Connack | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return dropUndefined({
    userProperties: unionBy(a.userProperties, b.userProperties),
    responseInformation: last(a.responseInformation, b.responseInformation),
  }) as Connack
}

function mergeRecords<R extends object>(
  a: R | undefined,
  b: R | undefined,
  merge: (x: never, y: never) => unknown,
): R | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const merged = new Map<string, unknown>(Object.entries(a))
  for (const [key, value] of Object.entries(b)) {
    merged.set(key, merged.has(key) ? merge(merged.get(key) as never, value as never) : value)
  }
  return Object.fromEntries([...merged].sort(([x], [y]) => (x < y ? -1 : 1))) as R
}

const contradict = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b

function last<T extends string | number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a > b ? a : b
}

const most: <T extends number>(a: T | undefined, b: T | undefined) => T | undefined = last

function least<T extends number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

/**
 * Of two session settings the tighter one; of two names (an assigned client identifier) the one that sorts
 * last.
 */
function strictest(a: number | string, b: number | string): number | string | undefined {
  return typeof a === 'number' && typeof b === 'number' ? least(a, b) : last(String(a), String(b))
}

const either = (a: boolean | undefined, b: boolean | undefined): boolean | undefined =>
  a === undefined && b === undefined ? undefined : a === true || b === true

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a && b
}

function union(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): readonly string[] | undefined {
  if (a === undefined && b === undefined) return undefined
  return [...new Set([...(a ?? []), ...(b ?? [])])].sort()
}

/** A union of structured values, ordered and told apart by their JSON. */
function unionBy<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] | undefined {
  if (a === undefined && b === undefined) return undefined
  const byText = new Map<string, T>()
  for (const value of [...(a ?? []), ...(b ?? [])]) byText.set(JSON.stringify(value), value)
  return [...byText.entries()].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, value]) => value)
}

function dropUndefined(record: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

function sortKey(verdict: Verdict): string {
  const { code, reason } = verdict as { code?: number; reason?: string }
  return `${String(code ?? 0).padStart(3, '0')} ${reason ?? ''} ${canonical(verdict)}`
}

/** JSON with sorted keys: equal verdicts have equal text, whatever order their keys were written in. */
function canonical(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
}
