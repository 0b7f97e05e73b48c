import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import type { ReasonName } from '../../../src/codec/reason-code.ts'

/** Bytes as a client could send them, and what becomes of them. */
export interface WireCase {
  readonly what: string
  readonly version: ProtocolVersion
  /** Hex, with `'text'` for people. */
  readonly bytes: string
  /** `success`: the packet is accepted. */
  readonly outcome: ReasonName
}

type Row = readonly [what: string, version: ProtocolVersion, bytes: string, outcome: ReasonName]

const ROWS: readonly Row[] = [
  // CONNECT [MQTT 5.0, 3.1]
  ['CONNECT', 4, "10 0d 0004'MQTT' 04 02 003c 0001'c'", 'success'],
  ['CONNECT of MQTT 3.1', 3, "10 0f 0006'MQIsdp' 03 02 003c 0001'c'", 'success'],
  ['CONNECT of MQTT 5.0', 5, "10 0e 0004'MQTT' 05 02 003c 00 0001'c'", 'success'],
  ['CONNECT without a body', 5, '10 00', 'malformedPacket'],
  ['CONNECT cut short in its name', 5, "10 05 0004'MQT'", 'malformedPacket'],
  [
    'CONNECT with flags in its first byte [MQTT-2.1.3-1]',
    5,
    "11 0d 0004'MQTT' 04 02 003c 0001'c'",
    'malformedPacket',
  ],
  [
    'CONNECT of another protocol [MQTT-3.1.2-1]',
    5,
    "10 0d 0004'mqtt' 04 02 003c 0001'c'",
    'unsupportedProtocolVersion',
  ],
  [
    'CONNECT of level 6 [MQTT-3.1.2-2]',
    5,
    "10 0d 0004'MQTT' 06 02 003c 0001'c'",
    'unsupportedProtocolVersion',
  ],
  [
    'CONNECT with the reserved flag [MQTT-3.1.2-3]',
    4,
    "10 0d 0004'MQTT' 04 03 003c 0001'c'",
    'malformedPacket',
  ],
  [
    'CONNECT with a flag but no will [MQTT-3.1.2-9]',
    4,
    "10 0d 0004'MQTT' 04 06 003c 0001'c'",
    'malformedPacket',
  ],
  [
    'CONNECT with will QoS and no will [MQTT-3.1.2-11]',
    4,
    "10 0d 0004'MQTT' 04 0a 003c 0001'c'",
    'malformedPacket',
  ],
  [
    'CONNECT with will retain and no will [MQTT-3.1.2-13]',
    4,
    "10 0d 0004'MQTT' 04 22 003c 0001'c'",
    'malformedPacket',
  ],
  [
    'CONNECT with will QoS 3 [MQTT-3.1.2-12]',
    4,
    "10 12 0004'MQTT' 04 1e 003c 0001'c' 0001'w' 0000",
    'malformedPacket',
  ],
  ['CONNECT with a will', 4, "10 12 0004'MQTT' 04 36 003c 0001'c' 0001'w' 0000", 'success'],
  [
    'CONNECT of MQTT 3.1 with flags that mean nothing to it',
    3,
    "14 0f 0006'MQIsdp' 03 03 003c 0001'c'",
    'success',
  ],
  [
    'CONNECT with a control character in its client identifier',
    5,
    "10 0e 0004'MQTT' 05 02 003c 00 0001 07",
    'clientIdentifierNotValid',
  ],
  [
    'CONNECT with a control character in its user name',
    5,
    "10 11 0004'MQTT' 05 82 003c 00 0001'c' 0001 07",
    'malformedPacket',
  ],
  [
    'CONNECT with a will response topic that is empty',
    5,
    "10 18 0004'MQTT' 05 06 003c 00 0001'c' 03 08 0000 0001't' 0001'x'",
    'protocolError',
  ],
  [
    'CONNECT with a will for a wildcard',
    4,
    "10 12 0004'MQTT' 04 06 003c 0001'c' 0001'#' 0000",
    'malformedPacket',
  ],
  [
    'CONNECT with a will for no topic',
    4,
    "10 11 0004'MQTT' 04 06 003c 0001'c' 0000 0000",
    'topicNameInvalid',
  ],
  [
    'CONNECT with an ill-formed will topic [MQTT-3.1.3-11]',
    4,
    "10 12 0004'MQTT' 04 06 003c 0001'c' 0001 ff 0000",
    'malformedPacket',
  ],
  [
    'CONNECT with a flag but no user name [MQTT-3.1.2-17]',
    4,
    "10 0d 0004'MQTT' 04 82 003c 0001'c'",
    'malformedPacket',
  ],
  [
    'CONNECT with a user name but no flag [MQTT-3.1.2-16]',
    4,
    "10 10 0004'MQTT' 04 02 003c 0001'c' 0001'u'",
    'malformedPacket',
  ],
  [
    'CONNECT with a flag but no password [MQTT-3.1.2-19]',
    4,
    "10 10 0004'MQTT' 04 c2 003c 0001'c' 0001'u'",
    'malformedPacket',
  ],
  [
    'CONNECT with an ill-formed client identifier [MQTT-3.1.3-4]',
    4,
    "10 0d 0004'MQTT' 04 02 003c 0001 80",
    'malformedPacket',
  ],
  [
    'CONNECT with U+0000 in its user name [MQTT-1.5.4-2]',
    4,
    "10 10 0004'MQTT' 04 82 003c 0001'c' 0001 00",
    'malformedPacket',
  ],
  [
    'CONNECT with bytes behind its last field',
    4,
    "10 0e 0004'MQTT' 04 02 003c 0001'c' 00",
    'malformedPacket',
  ],
  ['CONNECT with Receive Maximum 0', 5, "10 11 0004'MQTT' 05 02 003c 03 21 0000 0001'c'", 'protocolError'],
  [
    'CONNECT with Maximum Packet Size 0',
    5,
    "10 13 0004'MQTT' 05 02 003c 05 27 00000000 0001'c'",
    'protocolError',
  ],
  [
    'CONNECT with a property twice',
    5,
    "10 14 0004'MQTT' 05 02 003c 06 22 0001 22 0001 0001'c'",
    'protocolError',
  ],
  [
    'CONNECT with a property of PUBLISH',
    5,
    "10 11 0004'MQTT' 05 02 003c 03 23 0001 0001'c'",
    'protocolError',
  ],
  ['CONNECT with data and no method', 5, "10 11 0004'MQTT' 05 02 003c 03 16 0000 0001'c'", 'protocolError'],
  [
    'CONNECT with a response topic with a wildcard',
    5,
    "10 18 0004'MQTT' 05 06 003c 00 0001'c' 04 08 0001'#' 0001'w' 0000",
    'protocolError',
  ],

  // PUBLISH [MQTT 5.0, 3.3]
  ['PUBLISH', 4, "30 05 0001't' 'hi'", 'success'],
  ['PUBLISH of an empty payload', 4, "30 03 0001't'", 'success'],
  ['PUBLISH of MQTT 5.0', 5, "30 06 0001't' 00 'hi'", 'success'],
  ['PUBLISH with QoS 1', 4, "32 07 0001't' 0001 'hi'", 'success'],
  ['PUBLISH again, with DUP and QoS 2', 4, "3c 07 0001't' 0001 'hi'", 'success'],
  ['PUBLISH with DUP and QoS 0 [MQTT-3.3.1-2]', 4, "38 05 0001't' 'hi'", 'malformedPacket'],
  ['PUBLISH with QoS 3 [MQTT-3.3.1-4]', 4, "36 07 0001't' 0001 'hi'", 'malformedPacket'],
  ['PUBLISH without a body', 4, '30 00', 'malformedPacket'],
  ['PUBLISH with a topic past its end', 4, "30 03 0002't'", 'malformedPacket'],
  ['PUBLISH with a wildcard # [MQTT-3.3.2-2]', 4, "30 05 0003'a/#'", 'malformedPacket'],
  ['PUBLISH with a wildcard + [MQTT-3.3.2-2]', 4, "30 05 0003'+/a'", 'malformedPacket'],
  ['PUBLISH with an ill-formed topic [MQTT-3.3.2-1]', 4, '30 03 0001 ff', 'malformedPacket'],
  ['PUBLISH with a surrogate in its topic [MQTT-1.5.4-1]', 4, '30 05 0003 eda080', 'malformedPacket'],
  ['PUBLISH with U+0000 in its topic [MQTT-4.7.3-2]', 4, '30 03 0001 00', 'malformedPacket'],
  ['PUBLISH with a control character in its topic', 4, '30 03 0001 0a', 'malformedPacket'],
  ['PUBLISH without a topic [MQTT-4.7.3-1]', 4, "30 04 0000 'hi'", 'malformedPacket'],
  ['PUBLISH without a topic and an alias', 5, "30 05 0000 00 'hi'", 'malformedPacket'],
  ['PUBLISH with an alias for its topic', 5, "30 08 0000 03 23 0001 'hi'", 'success'],
  ['PUBLISH with alias 0 [MQTT-3.3.2-8]', 5, "30 08 0000 03 23 0000 'hi'", 'topicAliasInvalid'],
  ['PUBLISH with packet id 0 [MQTT-2.2.1-3]', 4, "32 05 0001't' 0000", 'protocolError'],
  ['PUBLISH cut short in its packet id', 4, "32 04 0001't' 00", 'malformedPacket'],
  ['PUBLISH without a property length [MQTT-2.2.2-1]', 5, "30 03 0001't'", 'malformedPacket'],
  ['PUBLISH with properties past its end', 5, "30 05 0001't' 03 01", 'malformedPacket'],
  ['PUBLISH with an unknown property', 5, "30 06 0001't' 02 04 01", 'malformedPacket'],
  ['PUBLISH with a property of CONNECT', 5, "30 07 0001't' 03 21 0001", 'protocolError'],
  ['PUBLISH with an expiry interval twice', 5, "30 0e 0001't' 0a 02 00000001 02 00000001", 'protocolError'],
  ['PUBLISH with payload format 2', 5, "30 06 0001't' 02 01 02", 'protocolError'],
  ['PUBLISH with a subscription identifier [MQTT-3.3.4-6]', 5, "30 06 0001't' 02 0b 01", 'protocolError'],
  [
    'PUBLISH with a response topic with a wildcard [MQTT-3.3.2-14]',
    5,
    "30 08 0001't' 04 08 0001'+'",
    'protocolError',
  ],
  [
    'PUBLISH with an ill-formed content type [MQTT-3.3.2-19]',
    5,
    "30 08 0001't' 04 03 0001 ff",
    'malformedPacket',
  ],
  [
    'PUBLISH with a user property twice',
    5,
    "30 12 0001't' 0e 26 0001'a' 0001'1' 26 0001'a' 0001'1'",
    'success',
  ],

  // PUBACK, PUBREC, PUBREL, PUBCOMP [MQTT 5.0, 3.4-3.7]
  ['PUBACK', 4, '40 02 0001', 'success'],
  ['PUBACK with a code', 5, '40 03 0001 10', 'success'],
  ['PUBACK with a code and no properties', 5, '40 04 0001 10 00', 'success'],
  ['PUBACK with a reason string', 5, "40 08 0001 87 04 1f 0001'n'", 'success'],
  ['PUBACK with packet id 0', 4, '40 02 0000', 'protocolError'],
  ['PUBACK cut short', 4, '40 01 00', 'malformedPacket'],
  ['PUBACK with a code before MQTT 5.0', 4, '40 03 0001 00', 'malformedPacket'],
  ['PUBACK with a code of PUBREL [MQTT-3.4.2-1]', 5, '40 03 0001 92', 'protocolError'],
  ['PUBACK with bytes behind its properties', 5, '40 05 0001 00 00 00', 'malformedPacket'],
  ['PUBACK with a reason string twice', 5, '40 0a 0001 00 06 1f 0000 1f 0000', 'protocolError'],
  ['PUBACK with flags [MQTT-2.1.3-1]', 4, '42 02 0001', 'malformedPacket'],
  ['PUBREC with a code of PUBCOMP [MQTT-3.5.2-1]', 5, '50 03 0001 92', 'protocolError'],
  ['PUBREL', 4, '62 02 0001', 'success'],
  ['PUBREL without its flag [MQTT-3.6.1-1]', 4, '60 02 0001', 'protocolError'],
  ['PUBREL with a code of PUBACK [MQTT-3.6.2-1]', 5, '62 03 0001 87', 'protocolError'],
  ['PUBCOMP for an unknown id', 5, '70 03 0001 92', 'success'],

  // SUBSCRIBE [MQTT 5.0, 3.8]
  ['SUBSCRIBE with an empty filter [MQTT-4.7.3-1]', 5, '82 06 0001 00 0000 00', 'malformedPacket'],
  ['SUBSCRIBE', 4, "82 06 0001 0001'#' 02", 'success'],
  ['SUBSCRIBE of MQTT 5.0', 5, "82 07 0001 00 0001'#' 2e", 'success'],
  ['SUBSCRIBE without its flag [MQTT-3.8.1-1]', 4, "80 06 0001 0001'#' 00", 'malformedPacket'],
  ['SUBSCRIBE with packet id 0', 4, "82 06 0000 0001'#' 00", 'malformedPacket'],
  ['SUBSCRIBE without filters [MQTT-3.8.3-2]', 4, '82 02 0001', 'malformedPacket'],
  ['SUBSCRIBE without options', 4, "82 05 0001 0001'#'", 'malformedPacket'],
  ['SUBSCRIBE with QoS 3', 4, "82 06 0001 0001'#' 03", 'malformedPacket'],
  [
    'SUBSCRIBE with options of MQTT 5.0 before it [MQTT-3.8.3-5]',
    4,
    "82 06 0001 0001'#' 04",
    'malformedPacket',
  ],
  ['SUBSCRIBE with reserved options [MQTT-3.8.3-5]', 5, "82 07 0001 00 0001'#' 40", 'malformedPacket'],
  ['SUBSCRIBE with retain handling 3', 5, "82 07 0001 00 0001'#' 30", 'malformedPacket'],
  [
    'SUBSCRIBE with No Local on a share [MQTT-3.8.3-4]',
    5,
    "82 0f 0001 00 0009'$share/a/' 04",
    'protocolError',
  ],
  ['SUBSCRIBE with an ill-formed filter [MQTT-3.8.3-1]', 4, '82 06 0001 0001 ff 00', 'malformedPacket'],
  ['SUBSCRIBE with subscription identifier 0', 5, "82 09 0001 02 0b 00 0001'#' 00", 'protocolError'],
  ['SUBSCRIBE with a second filter cut short', 4, "82 08 0001 0001'a' 00 0001", 'malformedPacket'],

  // UNSUBSCRIBE [MQTT 5.0, 3.10]
  ['UNSUBSCRIBE', 4, "a2 05 0001 0001'#'", 'success'],
  ['UNSUBSCRIBE without its flag [MQTT-3.10.1-1]', 4, "a0 05 0001 0001'#'", 'malformedPacket'],
  ['UNSUBSCRIBE without filters [MQTT-3.10.3-2]', 5, 'a2 03 0001 00', 'malformedPacket'],
  ['UNSUBSCRIBE with an ill-formed filter [MQTT-3.10.3-1]', 4, 'a2 05 0001 0001 ff', 'malformedPacket'],
  ['UNSUBSCRIBE with a subscription identifier', 5, "a2 08 0001 02 0b 01 0001'#'", 'malformedPacket'],

  // PINGREQ, DISCONNECT, AUTH [MQTT 5.0, 3.12-3.15]
  ['PINGREQ', 4, 'c0 00', 'success'],
  ['PINGREQ with a body', 4, 'c0 01 00', 'malformedPacket'],
  ['DISCONNECT', 4, 'e0 00', 'success'],
  ['DISCONNECT with flags [MQTT-3.14.1-1]', 5, 'e1 00', 'protocolError'],
  ['DISCONNECT with a code before MQTT 5.0', 4, 'e0 01 00', 'malformedPacket'],
  ['DISCONNECT with the will', 5, 'e0 01 04', 'success'],
  ['DISCONNECT with a code of the server [MQTT-3.14.2-1]', 5, 'e0 01 8b', 'malformedPacket'],
  ['DISCONNECT with a server reference', 5, "e0 06 00 04 1c 0001's'", 'protocolError'],
  ['DISCONNECT with bytes behind its properties', 5, 'e0 03 00 00 00', 'malformedPacket'],
  ['AUTH', 5, "f0 06 18 04 15 0001'm'", 'success'],
  ['AUTH before MQTT 5.0', 4, "f0 06 18 04 15 0001'm'", 'protocolError'],
  ['AUTH with flags [MQTT-3.15.1-1]', 5, 'f1 02 18 00', 'protocolError'],
  ['AUTH that says success [MQTT-3.15.2-1]', 5, 'f0 00', 'protocolError'],
  ['AUTH without properties', 5, 'f0 01 18', 'malformedPacket'],

  // what only a server sends, and what nobody does
  ['CONNACK from a client', 4, '20 02 00 00', 'protocolError'],
  ['SUBACK from a client', 4, '90 03 0001 00', 'protocolError'],
  ['UNSUBACK from a client', 4, 'b0 02 0001', 'protocolError'],
  ['PINGRESP from a client', 4, 'd0 00', 'protocolError'],
  ['packet type 0', 4, '00 00', 'protocolError'],
]

/** The book of wire cases. */
export const WIRE_CASES: readonly WireCase[] = ROWS.map(([what, version, bytes, outcome]) => ({
  what,
  version,
  bytes,
  outcome,
}))
