import { bytes } from './byte-fields.ts'
import type { Call } from './call.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { Outbox } from './outbox.ts'
import { decodeBase64, define, freeze, ownKeys } from './primordials.ts'

type Plain = Record<string, unknown>

/** `ctx.query`. */
export function query(outbox: Outbox, call: Call): unknown {
  return (name: unknown, parameters: unknown = {}) =>
    outbox.ask(call, 'query', { name, parameters }, (found) => {
      const rows = found as Plain[]
      for (let index = 0; index < rows.length; index += 1) readRow(rows[index] as Plain)
      return freeze(rows)
    })
}

/** A row's bytes come as base64: each becomes a Uint8Array, which cannot be frozen, in a row that is. */
function readRow(row: Plain): void {
  const columns = ownKeys(row)
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index] as string
    const value = row[column]
    if (typeof value !== 'object' || value === null) continue
    const { bytes64 } = value as { bytes64: string }
    define(row, column, { value: decodeBase64(bytes64) })
  }
  freeze(row)
}

/** `ctx.ldap`. */
export function directories(outbox: Outbox, call: Call): unknown {
  return freeze({
    search: (name: unknown, parameters: unknown) =>
      outbox.ask(call, 'ldap', { op: 'search', name, parameters }, deepFreeze),
    bind: (name: unknown, parameters: unknown, password: unknown) =>
      outbox.ask(call, 'ldap', { op: 'bind', name, parameters, ...bytes('password', password) }, (found) => {
        return (found as { matches: boolean }).matches
      }),
  })
}
