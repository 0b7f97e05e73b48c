import type { PluginHandle, TellerName } from '../../sandbox/index.ts'
import { packetText } from '../codec/describe-packet.ts'
import type { Packet, PacketWatch } from './connection.ts'

/**
 * Tells plugins of packets, in the words in which a broker's are told. It waits for nothing: each plugin's
 * queue is bounded by the sandbox, which drops the oldest and counts it.
 */
export class PacketTellers implements PacketWatch {
  readonly #plugins: readonly PluginHandle[]
  readonly #payloadBytes: number

  /** @param payloadBytes longer payloads are left out. */
  constructor(plugins: readonly PluginHandle[], payloadBytes: number) {
    this.#plugins = plugins
    this.#payloadBytes = payloadBytes
  }

  sent(packet: Packet): void {
    this.#tell('onMqttPacketSent', packet)
  }

  received(packet: Packet): void {
    this.#tell('onMqttPacketReceived', packet)
  }

  #tell(hook: TellerName, packet: Packet): void {
    let bare: string | undefined
    let full: string | undefined
    for (const plugin of this.#plugins) {
      if (!plugin.hooks.has(hook)) continue
      const seesPayload = plugin.capabilities.payload !== undefined
      const event = seesPayload
        ? (full ??= packetText(packet, this.#payloadBytes))
        : (bare ??= packetText(packet, -1))
      plugin.tell(hook, null, event)
    }
  }
}
