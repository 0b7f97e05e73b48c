import { definePlugin } from 'bulkhead/plugin'

/** When each message that is not acknowledged was sent, in ms since the epoch, by its packet identifier. */
const sentAt = new Map<number, number>()

/** A client's plugin: warns of messages that its broker took long to acknowledge. */
export default definePlugin({
  for: 'client',
  config: {
    type: 'object',
    properties: { slowMs: { type: 'integer', minimum: 1, default: 1000 } },
    additionalProperties: false,
  },
  capabilities: { log: true },

  onMqttPacketSent: ({ packet }) => {
    if (packet.cmd !== 'publish' || packet.packetId === undefined) return
    // sent again: it waits since it was sent first
    if (!packet.dup) sentAt.set(packet.packetId, Date.now())
  },

  onMqttPacketReceived: ({ packet }, ctx) => {
    if (packet.cmd === 'connack' && !packet.sessionPresent) sentAt.clear()
    // QoS 1 ends with PUBACK, QoS 2 with PUBCOMP
    if (packet.cmd !== 'puback' && packet.cmd !== 'pubcomp') return
    const since = sentAt.get(packet.packetId)
    sentAt.delete(packet.packetId)
    if (since === undefined) return
    const tookMs = Date.now() - since
    if (tookMs >= ctx.config.slowMs)
      ctx.log.warn('slow acknowledgement', { packetId: packet.packetId, tookMs })
  },
})
