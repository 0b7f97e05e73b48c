import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import type { IPublishPacket } from 'mqtt-packet'
import type { UserProperties } from '../../../src/codec/message-properties.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { anyText } from '../../support/any-text.ts'

export const version: fc.Arbitrary<ProtocolVersion> = fc.constantFrom(3, 4, 5)
export const qos: fc.Arbitrary<0 | 1 | 2> = fc.constantFrom(0, 1, 2)
export const packetId: fc.Arbitrary<number> = fc.integer({ min: 1, max: 65_535 })
export const seconds: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff_ffff })

/** Any string that the standard allows: every character but U+0000, and no lone surrogate. */
export const text: fc.Arbitrary<string> = anyText({ maxLength: 20 }).map((any) => any.replaceAll('\0', ''))

/** The characters of a topic: no control characters and no wildcards. */
export const topicName: fc.Arbitrary<string> = anyText({ minLength: 1, maxLength: 20 }).map(
  (any) => `t${any.replaceAll(/[\p{Cc}+#]/gu, '')}`,
)

export const bytes: fc.Arbitrary<Buffer> = fc.uint8Array({ maxLength: 200 }).map((any) => Buffer.from(any))

/** Few names, so that some come twice. */
export const userProperties: fc.Arbitrary<UserProperties> = fc.array(
  fc.tuple(fc.constantFrom('a', 'b', '__proto__', 'é'), text),
  { maxLength: 5 },
)

/** Optional properties of a message, as the foreign library names them, without user properties. */
export const messageProperties: fc.Arbitrary<
  Pick<
    NonNullable<IPublishPacket['properties']>,
    'payloadFormatIndicator' | 'contentType' | 'responseTopic' | 'correlationData'
  >
> = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    contentType: text,
    responseTopic: topicName,
    correlationData: bytes,
  },
  { requiredKeys: [], noNullPrototype: true },
)
