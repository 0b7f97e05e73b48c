import { connackReturnCode } from '../codec/connack-return-code.ts'
import type { ProtocolVersion, QoS } from '../codec/packet-type.ts'
import type { Refused } from './ports.ts'

/** What is refused, and to whom: as far as it decides how a client hears of it. */
export interface Hearing {
  readonly action: Refused['action'] | 'receive'
  readonly version: ProtocolVersion
  /** Of a PUBLISH. */
  readonly qos?: QoS
  readonly onRefusedPublish: 'drop' | 'close'
}

/** How a refusal reaches its client, in words for an operator. */
export function toldOf({ action, version, qos, onRefusedPublish }: Hearing, reasonCode: number): string {
  const code = hex(reasonCode)
  switch (action) {
    case 'connect':
      return version === 5 ? `CONNACK ${code}` : `CONNACK return code ${connackReturnCode(reasonCode)}`
    case 'publish':
      return toldOfPublish(version, qos, onRefusedPublish, code)
    case 'subscribe':
      return version === 5 ? `SUBACK ${code}` : 'SUBACK 0x80'
    case 'unsubscribe':
      return version === 5 ? `UNSUBACK ${code}` : 'UNSUBACK, which has no code: the subscription stays'
    case 'receive':
      return 'nothing: a delivery that is refused is silent'
    case 'will':
      return 'nothing: the client is gone'
    case 'protocol':
      return version === 5 ? `DISCONNECT ${code}` : 'the end of the connection'
  }
}

function toldOfPublish(
  version: ProtocolVersion,
  qos: QoS | undefined,
  onRefusedPublish: 'drop' | 'close',
  code: string,
): string {
  if (version !== 5) {
    if (onRefusedPublish === 'close') return 'the end of the connection'
    return qos === 0 ? 'nothing: dropped' : 'an acknowledgement as if it were delivered: dropped'
  }
  if (qos === 0) return 'nothing: QoS 0 is dropped'
  return `${qos === undefined ? 'PUBACK or PUBREC' : qos === 1 ? 'PUBACK' : 'PUBREC'} ${code}`
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}
