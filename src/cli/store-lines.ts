import type { StoreReport } from '../engine/sqlite/store-report.ts'
import { printable } from '../observe/printable.ts'
import { bytesText } from './bytes-text.ts'

const HEAD = ['tenant', 'sessions', 'subscriptions', 'queued', 'retained', 'wills', 'kv', 'managed', 'audit']

/** What `bulkhead store check` found, for people. */
export function storeLines({ folder, format, bytes, faults, tenants }: StoreReport): readonly string[] {
  const rows = tenants.map((of) => [
    printable(of.tenant),
    ...[of.sessions, of.subscriptions].map(String),
    `${of.queuedMessages} (${bytesText(of.queuedBytes)})`,
    `${of.retainedMessages} (${bytesText(of.retainedBytes)})`,
    String(of.wills),
    `${of.kvKeys} (${bytesText(of.kvBytes)})`,
    `${of.documents} (${bytesText(of.blobBytes)})`,
    String(of.auditRecords),
  ])
  const verdict =
    faults.length === 0 ? 'whole' : 'not whole: restore a backup, or keep the folder for whoever mends it'
  return [
    `${folder}: ${bytesText(bytes)}, format ${format}, ${verdict}`,
    ...faults.map((fault) => `  ${printable(fault)}`),
    ...(rows.length === 0 ? ['nothing is kept'] : table([HEAD, ...rows])),
  ]
}

/** Columns as wide as what is in them; numbers to the right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
}
