import type { DocumentChange } from '../engine.ts'
import type { OperationReader, OperationWriter } from './operations.ts'

/** Stands for any revision. */
const ANY = -1

/** Changes of documents as fields of an operation. */
export function writeChanges(to: OperationWriter, changes: readonly DocumentChange[]): void {
  to.u32(changes.length)
  for (const { tenant, kind, key, text, ifRevision } of changes) {
    to.text(tenant)
      .text(kind)
      .text(key)
      .u8(text === null ? 0 : 1)
      .text(text ?? '')
      .number(ifRevision ?? ANY)
  }
}

/** What {@link writeChanges} has written. */
export function readChanges(from: OperationReader): readonly DocumentChange[] {
  return Array.from({ length: from.u32() }, () => {
    const [tenant, kind, key] = [from.text(), from.text(), from.text()]
    const isThere = from.u8() === 1
    const text = from.text()
    const ifRevision = from.number()
    return {
      tenant,
      kind,
      key,
      text: isThere ? text : null,
      ifRevision: ifRevision === ANY ? undefined : ifRevision,
    }
  })
}
