import { connackReturnCode } from '../codec/connack-return-code.ts'
import type { ProtocolVersion, QoS } from '../codec/packet-type.ts'
import type { Refused } from './ports.ts'
import type { Heard } from './refusal.ts'

/** What is refused, and to whom: as far as it decides how a client hears of it. */
export interface Hearing {
  readonly action: Refused['action'] | 'receive'
  readonly version: ProtocolVersion
  /** Of a PUBLISH. */
  readonly qos?: QoS | undefined
  /** Absent: as its packet is usually answered. */
  readonly heard?: Heard | undefined
  readonly onRefusedPublish: 'drop' | 'close'
}

/** How a refusal reaches its client, in words for an operator. */
export function toldOf(hearing: Hearing, reasonCode: number): string {
  const { action, version, heard } = hearing
  const code = hex(reasonCode)
  if (heard === 'disconnect') return endOf(version, code)
  switch (action) {
    case 'connect':
      return version === 5 ? `CONNACK ${code}` : `CONNACK return code ${connackReturnCode(reasonCode)}`
    case 'publish':
      return toldOfPublish(hearing, code)
    case 'subscribe':
      return version === 5 ? `SUBACK ${code}` : 'SUBACK 0x80'
    case 'unsubscribe':
      return version === 5 ? `UNSUBACK ${code}` : 'UNSUBACK, which has no code: the subscription stays'
    case 'receive':
      return 'nothing: a delivery that is refused is silent'
    case 'will':
      return 'nothing: the client is gone'
    case 'protocol':
      return endOf(version, code)
  }
}

function toldOfPublish({ version, qos, heard, onRefusedPublish }: Hearing, code: string): string {
  if (version !== 5 && onRefusedPublish === 'close') return endOf(version, code)
  if (qos === 0) return 'nothing: QoS 0 is dropped'
  if (version !== 5 || heard === 'silent') return 'an acknowledgement as if it were delivered: dropped'
  return `${qos === undefined ? 'PUBACK or PUBREC' : qos === 1 ? 'PUBACK' : 'PUBREC'} ${code}`
}

function endOf(version: ProtocolVersion, code: string): string {
  return version === 5 ? `DISCONNECT ${code}` : 'the end of the connection'
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}
