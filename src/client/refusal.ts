import { type Packet, ReasonCodes } from 'mqtt'

/** What a broker said when it turned a client away. */
export interface Refusal {
  readonly text: string
  /** It may be otherwise in a moment: the broker is busy, or ends. */
  readonly isPassing: boolean
}

/**
 * Server unavailable (3 before MQTT 5), unspecified error, server unavailable, busy, shutting down, keep
 * alive timeout, quota exceeded, connection rate exceeded.
 */
const PASSING: readonly number[] = [3, 0x80, 0x88, 0x89, 0x8b, 0x8d, 0x97, 0x9f]

/** A CONNACK with a refusal, or a DISCONNECT; undefined for any other packet. */
export function refusalIn(packet: Packet): Refusal | undefined {
  if (packet.cmd === 'connack') {
    const code = packet.reasonCode ?? packet.returnCode ?? 0
    if (code === 0) return undefined
    const text = `Connection error: ${refusalText(code, packet.properties?.reasonString)}`
    return { text, isPassing: PASSING.includes(code) }
  }
  if (packet.cmd !== 'disconnect') return undefined
  const code = packet.reasonCode ?? 0
  const text = `Disconnected: ${refusalText(code, packet.properties?.reasonString)}`
  return { text, isPassing: PASSING.includes(code) }
}

/** A reason code and what the broker said to it: `Not authorized (0x87): unknown user`. */
export function refusalText(code: number, reason: string | undefined): string {
  const names: Readonly<Record<number, string>> = ReasonCodes
  const name = names[code] ?? 'Refused'
  const number = code < 0x80 ? String(code) : `0x${code.toString(16)}`
  return `${name} (${number})${reason === undefined || reason === '' ? '' : `: ${printable(reason)}`}`
}

/** Text of a stranger, without what would steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}')
}
