import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Allow } from '../../../src/hooks/verdict.ts'
import { type Offer, offerOf } from '../../../src/protocol/offer.ts'
import { StagedNode } from '../../support/protocol-stage.ts'

const { mqtt } = new StagedNode()
const QUOTAS = { maximumPacketSize: 5000, sessionExpirySec: 60 }
const bare = offerOf(mqtt, QUOTAS)

test('without a plugin’s word it is the operator’s and the tenant’s', () => {
  assert.deepEqual(bare, {
    receiveMaximum: 10,
    maximumQos: 2,
    topicAliasMaximum: 2,
    maximumPacketSize: 5000,
    sessionExpirySec: 60,
  })
})

const anyNumber = fc.nat({ max: 100_000 })
const anyAsked: fc.Arbitrary<NonNullable<Allow['session']>> = fc.record(
  {
    receiveMaximum: anyNumber,
    maxQos: fc.constantFrom(0, 1, 2),
    topicAliasMax: anyNumber,
    maxPacketSize: anyNumber,
    sessionExpirySec: anyNumber,
  },
  { requiredKeys: [] },
)

test('a plugin only ever tightens it, and gets what it asks for where that is tighter', () => {
  fc.assert(
    fc.property(anyAsked, (asked) => {
      const offer = offerOf(mqtt, QUOTAS, asked)
      const wanted: Readonly<Partial<Record<keyof Offer, number | undefined>>> = {
        ...asked,
        maximumQos: asked.maxQos,
        topicAliasMaximum: asked.topicAliasMax,
        maximumPacketSize: asked.maxPacketSize,
      }
      for (const name of Object.keys(bare) as (keyof Offer)[]) {
        assert.equal(offer[name], Math.min(bare[name], wanted[name] ?? Infinity))
      }
    }),
  )
})
