import type { Traffic } from '../base/traffic.ts'
import { PacketType } from './packet-type.ts'

/** Counts whole packets on their way out: their types and lengths are all that is looked at. */
export function countSent(bytes: Buffer, traffic: Traffic): void {
  traffic.bytesSent += bytes.length
  let at = 0
  while (at < bytes.length) {
    const start = at
    traffic.packetsSent += 1
    let length = 0
    let byte = 0x80
    // what the broker writes is well formed, and its lengths have four bytes at the most
    for (let shift = 0; byte >= 0x80; shift += 7) {
      byte = bytes[++at] as number
      length |= (byte & 0x7f) << shift
    }
    at += 1 + length
    if ((bytes[start] as number) >> 4 !== PacketType.PUBLISH) continue
    traffic.publishesSent += 1
    traffic.publishBytesSent += at - start
  }
}
