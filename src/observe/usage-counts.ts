import { BulkheadError } from '../base/errors.ts'

/** What a tenant used in a span of time. */
export interface UsageCounts {
  /** Of all its clients together. */
  readonly connectedMs: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Of the processor, by its cells. */
  readonly cpuMs: number
  /** What its plugins kept at most. */
  readonly kvBytes: number
}

const FIELDS = [
  'connectedMs',
  'messagesIn',
  'messagesOut',
  'bytesIn',
  'bytesOut',
  'cpuMs',
  'kvBytes',
] as const satisfies readonly (keyof UsageCounts)[]

export const NO_USAGE: UsageCounts = {
  connectedMs: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  cpuMs: 0,
  kvBytes: 0,
}

/** Of both spans together: sums, and of what is kept the most. */
export function plusUsage(one: UsageCounts, other: UsageCounts): UsageCounts {
  const sum = { ...NO_USAGE }
  for (const field of FIELDS) sum[field] = one[field] + other[field]
  return { ...sum, kvBytes: Math.max(one.kvBytes, other.kvBytes) }
}

/** What has come between two readings; a counter that has begun anew is counted from there. */
export function usageSince(before: UsageCounts, now: UsageCounts): UsageCounts {
  const more = { ...NO_USAGE }
  for (const field of FIELDS) more[field] = now[field] - (now[field] < before[field] ? 0 : before[field])
  return { ...more, kvBytes: now.kvBytes }
}

export function isIdle({ kvBytes: _kept, ...counted }: UsageCounts): boolean {
  return Object.values(counted).every((count) => count === 0)
}

export function usageText(counts: UsageCounts): string {
  return JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, Math.round(counts[field])])))
}

/** @throws BulkheadError ERR_STORE: it is not what {@link usageText} writes. */
export function readUsage(text: string, where: string): UsageCounts {
  const found = parsed(text)
  const counts = { ...NO_USAGE }
  for (const field of FIELDS) {
    const count = found[field]
    if (typeof count !== 'number' || !Number.isFinite(count) || count < 0) {
      throw new BulkheadError('ERR_STORE', `${where} cannot be read: ${field} must be a number from 0 on`)
    }
    counts[field] = count
  }
  return counts
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>
  } catch {
    return {} // has none of the fields, which is what is said of it
  }
}
