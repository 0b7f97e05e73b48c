import type { Packet } from 'mqtt'
import type { PacketWatch } from './connection.ts'

/** Says every packet in a line. */
export function traceWatch(clientId: string, onTrace: (line: string) => void): PacketWatch {
  return {
    sent: (packet) => onTrace(`Client ${clientId} sending ${traceLine(packet)}`),
    received: (packet) => onTrace(`Client ${clientId} received ${traceLine(packet)}`),
  }
}

/** One packet in one line, in mosquitto's words: `PUBLISH (d0, q1, r0, m7, 'home/a', ... (5 bytes))`. */
export function traceLine(packet: Packet): string {
  const name = packet.cmd.toUpperCase()
  switch (packet.cmd) {
    case 'connack':
      return `${name} (${packet.reasonCode ?? packet.returnCode ?? 0})`
    case 'publish': {
      const { dup, qos, retain, messageId = 0 } = packet
      const flags = `d${Number(dup)}, q${qos}, r${Number(retain)}, m${messageId}`
      return `${name} (${flags}, '${packet.topic}', ... (${packet.payload.length} bytes))`
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return `${name} (Mid: ${packet.messageId ?? 0}, RC:${packet.reasonCode ?? 0})`
    case 'subscribe': {
      const filters = packet.subscriptions.map(({ topic, qos }) => `Topic: ${topic}, QoS: ${qos}`)
      return `${name} (Mid: ${packet.messageId ?? 0}, ${filters.join(', ')})`
    }
    case 'suback':
      return `${name} (Mid: ${packet.messageId ?? 0}): ${packet.granted.map(String).join(', ')}`
    case 'connect':
    case 'unsubscribe':
    case 'unsuback':
    case 'pingreq':
    case 'pingresp':
    case 'disconnect':
    case 'auth':
      return name
  }
}
