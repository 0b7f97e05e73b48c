import type { UsageCounts } from './usage-counts.ts'

/** What a tenant used in one hour, or, of older times, in one day; times are UTC. */
export interface Usage {
  /** When the span begins: `2026-03-01T14:00:00.000Z`. */
  readonly from: string
  readonly hours: 1 | 24
  /** Minutes that clients were connected, of all of them together. */
  readonly connectionMinutes: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Milliseconds of the processor that its plugins' cells used. */
  readonly cpuMs: number
  /** Bytes that its plugins kept at most. */
  readonly kvBytes: number
}

/** @param key of an hour, `2026-03-01T14`, or of a day, `2026-03-01`. */
export function usageOf(key: string, { connectedMs, ...counts }: UsageCounts): Usage {
  const isHour = key.includes('T')
  return {
    from: isHour ? `${key}:00:00.000Z` : `${key}T00:00:00.000Z`,
    hours: isHour ? 1 : 24,
    connectionMinutes: Math.round(connectedMs / 600) / 100,
    ...counts,
    cpuMs: Math.round(counts.cpuMs),
  }
}

const COLUMNS = [
  ['from', 'from'],
  ['hours', 'hours'],
  ['connection_minutes', 'connectionMinutes'],
  ['messages_in', 'messagesIn'],
  ['messages_out', 'messagesOut'],
  ['bytes_in', 'bytesIn'],
  ['bytes_out', 'bytesOut'],
  ['cpu_ms', 'cpuMs'],
  ['kv_bytes', 'kvBytes'],
] as const satisfies readonly (readonly [column: string, field: keyof Usage])[]

/** As a table [RFC 4180]: one line a span, the tenant first. */
export function usageCsv(tenant: string, usage: readonly Usage[]): string {
  const head = ['tenant', ...COLUMNS.map(([column]) => column)].join(',')
  const lines = usage.map((span) => [tenant, ...COLUMNS.map(([, field]) => span[field])].join(','))
  return [head, ...lines, ''].join('\r\n')
}
