import type { BrokerStatus } from '../index.ts'
import { printable } from '../observe/printable.ts'
import { bytesText } from './bytes-text.ts'

/** What `bulkhead status` was told, for people. */
export function statusLines(status: BrokerStatus): readonly string[] {
  const { ready, reasons, version, pid, uptimeSec, connections, sessions, tenants } = status
  return [
    `${ready ? 'ready' : 'not ready'}: Bulkhead ${version}, process ${pid}, ` +
      `up for ${Math.floor(uptimeSec)} s`,
    ...reasons.map((reason) => `  ${printable(reason)}`),
    `${connections} connections, ${sessions} sessions`,
    ...tenants.map(
      (of) =>
        `  ${printable(of.tenant)}: ${of.connections} connections, ${of.sessions} sessions, ` +
        `${of.queuedMessages} messages wait (${bytesText(of.queuedBytes)})`,
    ),
  ]
}
