import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { PROXY_HEADER_BYTES } from '../../../src/base/limits.ts'
import { readProxyHeader } from '../../../src/transport/proxy-header.ts'
import { binaryHeader, textHeader } from '../../support/proxy-header.ts'

const source = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::7', '::1', 'fe80::1:2:3:4'))

for (const [version, encode] of [
  [1, textHeader],
  [2, binaryHeader],
] as const) {
  test(`version ${version}: whole, the source is known; in part, more is awaited; what follows is left`, () => {
    fc.assert(
      fc.property(source, fc.uint8Array({ maxLength: 20 }), (address, rest) => {
        const header = encode({ source: address })
        const length = header.length
        assert.deepEqual(readProxyHeader(Buffer.concat([header, rest])), {
          length,
          remoteAddress: address,
          tls: null,
          isCertified: false,
        })
        for (let end = 0; end < length; end += 1)
          assert.equal(readProxyHeader(header.subarray(0, end)), 'more')
      }),
      { numRuns: 40 },
    )
  })

  test(`version ${version}: one byte that is another changes what is read, but throws nothing`, () => {
    const header = encode({ source: '192.0.2.7' })
    fc.assert(
      fc.property(fc.nat(header.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(header)
        changed[at] = byte
        const read = readProxyHeader(changed)
        assert.ok(typeof read === 'string' || read.length <= PROXY_HEADER_BYTES)
      }),
    )
  })
}

function unixHeader(path: string): Buffer {
  const fixed = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x31..', 'latin1')
  fixed.writeUInt16BE(path.length, 14)
  return Buffer.concat([fixed, Buffer.from(path)])
}

describe('no address is told', () => {
  for (const [name, header] of [
    ['UNKNOWN', Buffer.from('PROXY UNKNOWN and whatever\r\n')],
    ['LOCAL', binaryHeader({ source: '192.0.2.7' }, 0)],
    ['LOCAL without addresses', Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0', 'latin1')],
    ['a Unix path, filled up', unixHeader('/run/p.sock'.padEnd(216, '\0'))],
    ['a Unix path alone', unixHeader('/run/p.sock')],
  ] as const) {
    test(name, () => {
      assert.deepEqual(readProxyHeader(header), {
        length: header.length,
        remoteAddress: undefined,
        tls: null,
        isCertified: false,
      })
    })
  }
})

describe('is no header', () => {
  const binary = binaryHeader({ source: '192.0.2.7' })
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(binary)
    copy[at] = byte
    return copy
  }
  for (const [name, bytes] of [
    ['CONNECT', Buffer.from('\x10\x0c\0\x04MQTT')],
    ['another word', Buffer.from('PROXIES ')],
    ['a line that does not end', Buffer.from(`PROXY TCP4 ${'1'.repeat(100)}`)],
    ['an address of the other kind', Buffer.from('PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n')],
    ['an address that is none', Buffer.from('PROXY TCP4 192.0.2.256 192.0.2.8 1 2\r\n')],
    ['a port above all', Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 1 65536\r\n')],
    ['a port that nobody has', Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 0 1883\r\n')],
    ['a line above its bound', Buffer.from(`PROXY TCP4 192.0.2.7 192.0.2.8 1 2${' '.repeat(80)}\r\n`)],
    ['a Unix socket without a path', unixHeader('')],
    ['a Unix path with facts that are none', unixHeader('a'.repeat(217))],
    ['a client of no family', changed(13, 0x00)],
    ['a port too few', Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 1\r\n')],
    ['two blanks', Buffer.from('PROXY TCP4  192.0.2.7 192.0.2.8 1 2\r\n')],
    ['another version', changed(12, 0x31)],
    ['another command', changed(12, 0x22)],
    ['another family', changed(13, 0x41)],
    ['a length that holds no addresses', changed(15, 5)],
    ['a length above the bound', changed(14, 0xff)],
    ['a fact that does not end', Buffer.concat([changed(15, 15), Buffer.from([2, 0, 9])])],
  ] as const) {
    test(name, () => assert.equal(readProxyHeader(bytes), 'malformed'))
  }
})

test('an IPv4 address within IPv6 is written as the system writes it', () => {
  const header = binaryHeader({ source: '::ffff:c000:207' })
  assert.equal((readProxyHeader(header) as { remoteAddress: string }).remoteAddress, '::ffff:192.0.2.7')
})
