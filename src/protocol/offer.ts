import type { QoS } from '../codec/packet-type.ts'
import type { Allow } from '../hooks/verdict.ts'
import type { Quotas } from '../session/quotas.ts'
import type { MqttSettings } from './ports.ts'

/**
 * What the broker offers one client: the operator's limits, the tenant's quotas and the plugins' word,
 * whichever is the tightest. CONNACK tells most of it.
 */
export interface Offer {
  /** QoS 1 and 2 messages that the client may have under way to the broker. */
  readonly receiveMaximum: number
  /** The highest QoS that CONNACK names, and that messages have from here on. */
  readonly maximumQos: QoS
  readonly topicAliasMaximum: number
  /** In bytes. */
  readonly maximumPacketSize: number
  /** The longest session expiry interval; 0xFFFFFFFF is forever. */
  readonly sessionExpirySec: number
}

/** @param asked what plugins want for this client. */
export function offerOf(
  mqtt: MqttSettings,
  quotas: Pick<Quotas, 'maximumPacketSize' | 'sessionExpirySec'>,
  asked: NonNullable<Allow['session']> = {},
): Offer {
  return {
    receiveMaximum: tightest(mqtt.receiveMaximum, asked.receiveMaximum),
    maximumQos: tightest(mqtt.maximumQos, asked.maxQos),
    topicAliasMaximum: tightest(mqtt.topicAliasMaximum, asked.topicAliasMax),
    maximumPacketSize: tightest(
      Math.min(mqtt.maximumPacketSize, quotas.maximumPacketSize),
      asked.maxPacketSize,
    ),
    sessionExpirySec: tightest(quotas.sessionExpirySec, asked.sessionExpirySec),
  }
}

function tightest<Value extends number>(limit: Value, asked: Value | undefined): Value {
  return asked !== undefined && asked < limit ? asked : limit
}
