import { definePlugin, type Packet } from 'bulkhead/plugin'

/** The packet's header without what the line says already; a plugin without `payload` sees no payloads. */
function header({ cmd: _cmd, ...fields }: Packet): Readonly<Record<string, unknown>> {
  return fields
}

export default definePlugin({
  capabilities: { log: true },

  // before CONNECT is accepted there is no client yet
  onMqttPacketReceived: ({ client, packet }, { log }) =>
    log.debug(`${client?.clientId ?? ''} <-in-- ${packet.cmd}`, header(packet)),
  onMqttPacketSent: ({ client, packet }, { log }) =>
    log.debug(`${client?.clientId ?? ''} -out-> ${packet.cmd}`, header(packet)),
})
