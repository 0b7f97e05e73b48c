import { isIPv6 } from 'node:net'

/** Whom a proxy speaks for. */
export interface Proxied {
  readonly source: string
  /** Further facts by kind; of binary headers alone. */
  readonly facts?: readonly (readonly [kind: number, value: Buffer])[]
}

/** A header of version 1, as the PROXY protocol's text writes it. */
export function textHeader({ source }: Proxied): Buffer {
  const family = isIPv6(source) ? 'TCP6 %s ::1' : 'TCP4 %s 127.0.0.1'
  return Buffer.from(`PROXY ${family.replace('%s', source)} 40000 1883\r\n`)
}

/** A header of version 2. @param command 0: the proxy speaks for itself. */
export function binaryHeader({ source, facts = [] }: Proxied, command: 0 | 1 = 1): Buffer {
  const isSix = isIPv6(source)
  const addresses = isSix
    ? [ipv6Bytes(source), ipv6Bytes('::1')]
    : [source, '127.0.0.1'].map((address) => Buffer.from(address.split('.').map(Number)))
  const ports = Buffer.from([0x9c, 0x40, 0x07, 0x5b])
  const body = Buffer.concat([...addresses, ports, ...facts.map(([kind, value]) => fact(kind, value))])
  const fixed = Buffer.from('\r\n\r\n\0\r\nQUIT\n....', 'latin1')
  fixed.writeUInt8(0x20 | command, 12)
  fixed.writeUInt8(isSix ? 0x21 : 0x11, 13)
  fixed.writeUInt16BE(body.length, 14)
  return Buffer.concat([fixed, body])
}

/** What a proxy says of the TLS that it ended. */
export function tlsFact(client: number, verify: number, commonName: string): readonly [number, Buffer] {
  const fixed = Buffer.alloc(5)
  fixed.writeUInt8(client, 0)
  fixed.writeUInt32BE(verify, 1)
  return [
    0x20,
    Buffer.concat([fixed, fact(0x21, Buffer.from('TLSv1.3')), fact(0x22, Buffer.from(commonName))]),
  ]
}

function fact(kind: number, value: Buffer): Buffer {
  const head = Buffer.alloc(3)
  head.writeUInt8(kind, 0)
  head.writeUInt16BE(value.length, 1)
  return Buffer.concat([head, value])
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::', 2)
  const [first, last] = [groupsOf(left), groupsOf(right)]
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
