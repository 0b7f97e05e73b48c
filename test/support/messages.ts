import { generate, type IPublishPacket } from 'mqtt-packet'
import { type Message, messageOf } from '../../src/codec/message.ts'
import type { ProtocolVersion } from '../../src/codec/packet-type.ts'
import { PublishView, walkPublish } from '../../src/codec/publish-view.ts'
import { Framer } from '../../src/codec/framer.ts'

const CONNECT = generate({ cmd: 'connect', clientId: 'c', protocolId: 'MQTT', protocolVersion: 4 })

/** A message as it comes in: written by the foreign library, framed and judged by our codec. */
export function received(
  packet: Partial<IPublishPacket> & { readonly topic: string },
  version: ProtocolVersion = 5,
  now = Date.now(),
): Message {
  const defaults = { cmd: 'publish' as const, qos: 0 as const, retain: false, dup: false, payload: 'hi' }
  const whole = { ...defaults, ...packet }
  const bytes = generate(whole.qos === 0 ? whole : { messageId: 1, ...whole }, { protocolVersion: version })
  const framer = new Framer(1 << 24)
  framer.push(CONNECT)
  framer.push(bytes)
  framer.next()
  framer.next()
  const view = new PublishView()
  const { buffer, firstByte, start, body, end } = framer
  const refusal = walkPublish(view, buffer, firstByte, start, body, end, version)
  if (refusal !== 0) throw new Error(`the codec refuses this PUBLISH with ${refusal}`)
  return messageOf(view, packet.topic, now)
}
