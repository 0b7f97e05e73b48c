import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import type { PacketType } from '../../../src/codec/packet-type.ts'
import { foreignBytes } from '../codec/framed.ts'

const FLAGS: Readonly<Record<number, number>> = { 6: 2, 8: 2, 10: 2 }

/** A framer at a frame of this type; what is in it does not matter. */
export function framedAs(type: PacketType): Framer {
  const framer = new Framer(1 << 20)
  const connect = foreignBytes({ cmd: 'connect', clientId: 'c' }, 4)
  framer.push(Buffer.concat([connect, Buffer.from([(type << 4) | (FLAGS[type] ?? 0), 0])]))
  for (let frames = 0; frames < 2; frames++) {
    if (framer.next() !== FrameStatus.frame) throw new Error(`no frame of type ${type}`)
  }
  return framer
}
