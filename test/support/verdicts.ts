import fc from 'fast-check'
import type { Verdict } from '../../src/hooks/verdict.ts'

// few values, so that verdicts agree, differ and contradict each other
const word = fc.constantFrom('', 'a', 'b', 'c d')
const name = fc.constantFrom('ann', 'bob')
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const whole = fc.constantFrom(0, 1, 60, 4_294_967_295)
const pairs = fc.array(fc.tuple(word, word), { maxLength: 3 })

/** A record of which any field may be absent. */
function optional<T>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<Partial<T>> {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Partial<T>>
}

const reuse = { cacheMs: whole, cacheTag: word, audit: fc.boolean() }
const why = { reason: word, note: word, userProperties: pairs }

const session = optional({
  sessionExpirySec: whole,
  receiveMaximum: whole,
  maxQos: qos,
  maxPacketSize: whole,
  topicAliasMax: whole,
  keepAliveSec: whole,
  queueMax: whole,
  assignedClientId: name,
  publishPerSec: whole,
  bytesPerSec: whole,
})

/** Any allow of any hook; without grants, which are not merged. */
const anyAllow = optional({
  ...reuse,
  throttleMs: whole,
  maxQos: qos,
  retain: fc.constant(false as const),
  rewriteTo: fc.constantFrom('a', 'b'),
  noLocal: fc.boolean(),
  retainAsPublished: fc.boolean(),
  retainHandling: qos,
  principal: name,
  roles: fc.array(name, { maxLength: 3 }),
  attributes: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), word),
  expiresInMs: whole,
  refreshInMs: whole,
  session,
  connack: optional({ userProperties: pairs, responseInformation: word }),
  authData: word.map((text) => Buffer.from(text)),
}).map((fields) => ({ ...fields, verdict: 'allow' as const }))

const anyDenial = optional({
  ...reuse,
  ...why,
  code: fc.constantFrom(0x80, 0x87, 0x97),
  ack: fc.constantFrom('error' as const, 'silent' as const),
}).map((fields) => ({ ...fields, verdict: 'deny' as const }))

const anyKick = optional({ ...why, code: fc.constantFrom(0x80, 0x87), sendWill: fc.boolean() }).map(
  (fields) => ({ ...fields, verdict: 'disconnect' as const }),
)

const anyAbstention = optional({ note: word }).map((fields) => ({ ...fields, verdict: 'abstain' as const }))

/** Any single verdict of any hook, as it comes out of the host's check. */
export const anyVerdict: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 5, arbitrary: anyAllow },
  { weight: 3, arbitrary: anyDenial },
  { weight: 1, arbitrary: anyKick },
  { weight: 1, arbitrary: anyAbstention },
)
