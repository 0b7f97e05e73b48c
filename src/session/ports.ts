import type { ByteSink } from '../base/byte-sink.ts'
import type { ProtocolVersion } from '../codec/packet-type.ts'
import type { TopicAliases } from './topic-aliases.ts'

/** A session's way to its client while there is one: the connection, as far as delivery needs it. */
export interface Link {
  readonly version: ProtocolVersion
  /** QoS 1 and 2 messages that may be under way to the client at once [MQTT-3.3.4-9]. */
  readonly receiveMaximum: number
  /** The largest packet that the client takes, in bytes; Infinity when it named none. */
  readonly maximumPacketSize: number
  /** Those that the client is told; null: it takes none [MQTT-3.1.2-27]. */
  readonly topicAliases: TopicAliases | null
  /** The client reads slower than it is written to: what can wait, waits. */
  readonly congested: boolean
  /** What leaves with this turn's write. Asking for it schedules that write. */
  readonly out: ByteSink
  /** Ends the connection in favour of a newer one [MQTT-3.1.4-3]. */
  takenOver(): void
}
