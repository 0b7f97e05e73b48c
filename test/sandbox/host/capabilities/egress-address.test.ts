import assert from 'node:assert/strict'
import { BlockList, isIPv6 } from 'node:net'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  addressBytes,
  isInsideAddress,
  isPublicAddress,
} from '../../../../sandbox/host/capabilities/egress-address.ts'

/** The registries once more, in Node's own block list: another program's arithmetic. */
const RESERVED_V4 = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
  192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
  198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32`.split(/\s+/)
const RESERVED_V6 = `::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 3fff::/20
  2620:4f:8000::/48`.split(/\s+/)

function blockList(blocks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', bits] = block.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

const reservedV4 = blockList(RESERVED_V4, 'ipv4')
const reservedV6 = blockList(RESERVED_V6, 'ipv6')

/** Addresses near and in the blocks are as likely as any others: their first bits are a block's. */
function near(blocks: readonly string[]): fc.Arbitrary<Uint8Array> {
  const length = addressBytes(blocks[0]?.split('/')[0] ?? '')?.length ?? 0
  return fc
    .tuple(
      fc.constantFrom(...blocks),
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.nat(length),
    )
    .map(([block, random, kept]) => {
      const bytes = addressBytes(block.split('/')[0] ?? '') ?? new Uint8Array()
      random.set(bytes.subarray(0, kept))
      return random
    })
}

function v6Text(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, group) =>
    (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16),
  ).join(':')
}

describe('an address is public', () => {
  it('if it is plain unicast', () => {
    const addresses = ['93.184.216.34', '1.1.1.1', '223.255.255.255', '2606:4700::1111', '2a00:1450::1']
    assert.deepEqual(addresses.filter(isPublicAddress), addresses)
  })

  it('not if it is set apart by a registry, in whichever spelling', () => {
    const addresses = `127.0.0.1 0.0.0.0 10.0.0.5 169.254.169.254 100.100.100.200 192.0.0.192 255.255.255.255
      168.63.129.16 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
      64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1 fc00::1 fd00:ec2::254 fe80::1 ff02::1 100::1 5f00::1
      3fff::1 4000::1 e000::1`.split(/\s+/)
    assert.deepEqual(addresses.filter(isPublicAddress), [])
  })

  it('not if it is no address, or has a zone', () => {
    const texts = [
      '',
      'example.com',
      '127.1',
      '2130706433',
      '1.2.3.4.5',
      '2606:4700::1%eth0',
      '[::1]',
      '1.1.1.1 ',
    ]
    assert.deepEqual(texts.filter(isPublicAddress), [])
  })

  it("as Node's own block list says, for every IPv4 address, and for it inside IPv6", () => {
    fc.assert(
      fc.property(near(RESERVED_V4), (bytes) => {
        const address = bytes.join('.')
        const isPublic = !reservedV4.check(address)
        assert.equal(isPublicAddress(address), isPublic)
        assert.equal(isPublicAddress(`::ffff:${address}`), isPublic)
        assert.equal(isPublicAddress(`::${address}`), false)
        assert.equal(isPublicAddress(`64:ff9b::${address}`), false)
      }),
      { numRuns: 2000 },
    )
  })

  it("as Node's own block list says, for every IPv6 address", () => {
    fc.assert(
      fc.property(near(RESERVED_V6), (bytes) => {
        const address = v6Text(bytes)
        fc.pre(!address.startsWith('0:0:0:0:0:ffff:'))
        assert.ok(isIPv6(address))
        assert.equal(isPublicAddress(address), !reservedV6.check(address, 'ipv6'))
      }),
      { numRuns: 2000 },
    )
  })
})

it('one address has the same bytes in every spelling', () => {
  fc.assert(
    fc.property(fc.ipV6(), (written) => {
      const canonical = new URL(`http://[${written}]/`).hostname.slice(1, -1)
      assert.deepEqual(addressBytes(written), addressBytes(canonical))
      assert.equal(addressBytes(written)?.length, 16)
    }),
  )
})

describe('an address of the operator’s own network', () => {
  it('is private or of this machine, and neither public, link-local, nor a metadata service', () => {
    for (const address of [
      '10.1.2.3',
      '127.0.0.1',
      '172.31.0.1',
      '192.168.1.1',
      '::1',
      'fd12::1',
      '::ffff:10.0.0.1',
    ])
      assert.equal(isInsideAddress(address), true, address)
    for (const address of [
      '169.254.169.254', '168.63.129.16', '100.100.100.200', '0.0.0.0', '8.8.8.8', 'fe80::1', 'fd00:ec2::254',
      '::ffff:169.254.169.254', '::', '2606:4700::1', 'fd12::1%eth0', 'auth.internal',
    ]) // biome-ignore format: a table
      assert.equal(isInsideAddress(address), false, address)
  })
})
