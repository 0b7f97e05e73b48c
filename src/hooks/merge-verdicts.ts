import type { Allow, Deny, Verdict } from './verdict.ts'

/**
 * Several plugins' verdicts become one: disconnect > deny > allow > abstain, whatever the order. The
 * operation is commutative, associative and idempotent (property-tested), so that neither the order of
 * plugins in the config nor the order of their answers can change who gets in.
 */
export function mergeVerdicts(a: Verdict, b: Verdict): Verdict {
  if (a === b || b === NO_OPINION) return a
  if (a === NO_OPINION) return b
  const byRank = RANK[a.verdict] - RANK[b.verdict]
  if (byRank !== 0) return byRank > 0 ? a : b
  if (a.verdict === 'allow' && b.verdict === 'allow') return mergeAllows(a, b)
  if (a.verdict === 'deny' && b.verdict === 'deny') return mergeDenials(a, b)
  return speaker(a, b)
}

/** What the neutral element of merging is: nobody has said anything yet. */
export const NO_OPINION: Verdict = Object.freeze({ verdict: 'abstain' })
/** How an answer to go on with an authentication stands among the others: it decides nothing yet. */
export const ANOTHER_STEP: Verdict = Object.freeze({ ...NO_OPINION, note: 'asks for another step' })
export const ALLOW: Allow = Object.freeze({ verdict: 'allow' })

const RANK = { abstain: 0, allow: 1, deny: 2, disconnect: 3 } as const

/**
 * Two plugins that name different principals, rewrite to different filters, or end an authentication with
 * different words cannot both be right.
 */
export const CONTRADICTION: Deny = Object.freeze({
  verdict: 'deny',
  code: 0x87,
  note: 'plugins contradict each other',
})

/** Grants are not merged: each plugin's are its own answer, and many of them would take long to compare. */
function mergeAllows(a: Allow, b: Allow): Verdict {
  if (contradict(a.principal, b.principal) || contradict(a.rewriteTo, b.rewriteTo)) return CONTRADICTION
  if (!sameBytes(a.authData, b.authData)) return CONTRADICTION
  return dropUndefined({
    verdict: 'allow',
    ...mergeReuse(a, b),
    throttleMs: most(a.throttleMs, b.throttleMs),
    maxQos: least(a.maxQos, b.maxQos),
    retain: a.retain === false || b.retain === false ? false : undefined,
    rewriteTo: a.rewriteTo ?? b.rewriteTo,
    noLocal: either(a.noLocal, b.noLocal),
    retainAsPublished: both(a.retainAsPublished, b.retainAsPublished),
    retainHandling: most(a.retainHandling, b.retainHandling),
    principal: a.principal ?? b.principal,
    roles: union(a.roles, b.roles),
    attributes: mergeRecords(a.attributes, b.attributes, (_, x, y) => (x > y ? x : y)),
    expiresInMs: least(a.expiresInMs, b.expiresInMs),
    refreshInMs: least(a.refreshInMs, b.refreshInMs),
    session: mergeSessions(a.session, b.session),
    connack: mergeConnacks(a.connack, b.connack),
    authData: a.authData ?? b.authData,
  }) as Allow
}

/**
 * Words are not mixed: one of the two speaks. What both ask of the broker beside that is merged. A
 * contradiction between allows is no plugin's word, so it gives way to any: with three plugins it must not
 * matter whether the refusal or the second allow came first.
 */
function mergeDenials(a: Deny, b: Deny): Verdict {
  if (a === CONTRADICTION) return b
  if (b === CONTRADICTION) return a
  const words = speaker(wordsOf(a), wordsOf(b))
  return dropUndefined({ ...words, ...mergeReuse(a, b) }) as Deny
}

function wordsOf(denial: Deny): Deny {
  const { cacheMs: _cacheMs, cacheTag: _cacheTag, audit: _audit, ...words } = denial
  return words
}

/** The one that sorts last: which one speaks does not matter, only that it is the same in every order. */
function speaker<V extends Verdict>(a: V, b: V): V {
  return sortKey(a) >= sortKey(b) ? a : b
}

type Reuse = Pick<Allow, 'cacheMs' | 'cacheTag' | 'audit'>

function mergeReuse(a: Reuse, b: Reuse): { readonly [Name in keyof Reuse]: Reuse[Name] | undefined } {
  return {
    // an answer may be reused only as long as everybody says so
    cacheMs: a.cacheMs === undefined || b.cacheMs === undefined ? undefined : Math.min(a.cacheMs, b.cacheMs),
    cacheTag: last(a.cacheTag, b.cacheTag),
    audit: either(a.audit, b.audit),
  }
}

type SessionSettings = NonNullable<Allow['session']>

/** Of two settings the tighter one; of two names (an assigned client identifier) the one that sorts last. */
function mergeSessions(
  a: SessionSettings | undefined,
  b: SessionSettings | undefined,
): SessionSettings | undefined {
  type Settings = Named<string | number> | undefined
  return mergeRecords(a as Settings, b as Settings, (name, x, y) => {
    // a keep alive of 0 is none, hence the loosest [MQTT 5.0, 3.1.2.10]
    const highest = typeof x === 'string' || (name === 'keepAliveSec' && (x === 0 || y === 0))
    return x > y === highest ? x : y
  })
}

type Connack = NonNullable<Allow['connack']>

function mergeConnacks(a: Connack | undefined, b: Connack | undefined): Connack | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return dropUndefined({
    userProperties: union(a.userProperties, b.userProperties),
    responseInformation: last(a.responseInformation, b.responseInformation),
  })
}

type Named<Value> = Readonly<Record<string, Value>>

function mergeRecords<Value>(
  a: Named<Value> | undefined,
  b: Named<Value> | undefined,
  merge: (key: string, x: Value, y: Value) => Value,
): Named<Value> | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const merged = new Map(Object.entries(a))
  for (const [key, value] of Object.entries(b)) {
    const known = merged.get(key)
    merged.set(key, known === undefined ? value : merge(key, known, value))
  }
  return Object.fromEntries(merged)
}

const contradict = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b

/** Whether two plugins may both have said it, in one packet; what is not said agrees with anything. */
function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined || a.equals(b)
}

function last<T extends string | number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a > b ? a : b
}

const most: <T extends number>(a: T | undefined, b: T | undefined) => T | undefined = last

function least<T extends number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

const either = (a: boolean | undefined, b: boolean | undefined): boolean | undefined =>
  a === undefined && b === undefined ? undefined : a === true || b === true

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a && b
}

/**
 * What either list has, once, in an order of its own: the lists' orders cannot both be kept. A list merged
 * with its equal, or with none, stays as it is.
 */
function union<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a.length === b.length && canonical(a) === canonical(b)) return a
  const byText = new Map<string, T>()
  for (const value of [...a, ...b]) byText.set(canonical(value), value)
  return [...byText].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, value]) => value)
}

function dropUndefined(record: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

function sortKey(verdict: Verdict): string {
  const { code, reason, note } = verdict as { code?: number; reason?: string; note?: string }
  return `${String(code ?? 0).padStart(3, '0')} ${reason ?? ''} ${note ?? ''} ${canonical(verdict)}`
}

/** JSON with sorted keys: equal values have equal text, whatever order their keys were written in. */
function canonical(value: unknown): string {
  // as most of what is merged is, which then costs next to nothing
  if (typeof value === 'string') return value
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1))
      : inner,
  )
}
