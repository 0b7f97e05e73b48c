import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { PacketType } from '../../../src/codec/packet-type.ts'
import { clientMaySend, ReasonCode, reasonName, serverMaySend } from '../../../src/codec/reason-code.ts'

/** The foreign library's tables: from a code to what it is called. */
type ForeignTable = Readonly<Record<string, string>>
const foreign = createRequire(import.meta.url)('mqtt-packet/constants.js') as Readonly<
  Record<string, ForeignTable>
>

function allowed(mayCarry: (type: number, code: number) => boolean, type: number): number[] {
  return Array.from({ length: 256 }, (_, code) => code).filter((code) => mayCarry(type, code))
}

function foreignCodes(table: string): number[] {
  return Object.keys(foreign[table] ?? {}).map(Number)
}

for (const [type, table] of [
  [PacketType.PUBACK, 'MQTT5_PUBACK_PUBREC_CODES'],
  [PacketType.PUBREC, 'MQTT5_PUBACK_PUBREC_CODES'],
  [PacketType.PUBREL, 'MQTT5_PUBREL_PUBCOMP_CODES'],
  [PacketType.PUBCOMP, 'MQTT5_PUBREL_PUBCOMP_CODES'],
  [PacketType.SUBACK, 'MQTT5_SUBACK_CODES'],
  [PacketType.UNSUBACK, 'MQTT5_UNSUBACK_CODES'],
] as const) {
  test(`the server's packets of type ${type} carry the codes that a foreign library lists`, () => {
    assert.deepEqual(allowed(serverMaySend, type), foreignCodes(table))
  })
}

test('a DISCONNECT carries what a foreign library lists, from either side', () => {
  const either = allowed(
    (type, code) => clientMaySend(type, code) || serverMaySend(type, code),
    PacketType.DISCONNECT,
  )
  assert.deepEqual(either, foreignCodes('MQTT5_DISCONNECT_CODES'))
})

test('an AUTH carries what a foreign library lists, from either side', () => {
  const either = allowed(
    (type, code) => clientMaySend(type, code) || serverMaySend(type, code),
    PacketType.AUTH,
  )
  assert.deepEqual(either, foreignCodes('MQTT5_AUTH_CODES'))
})

test('a client may not say what only a server knows', () => {
  assert.equal(clientMaySend(PacketType.DISCONNECT, ReasonCode.serverShuttingDown), false)
  assert.equal(clientMaySend(PacketType.AUTH, ReasonCode.success), false)
  assert.equal(clientMaySend(PacketType.SUBACK, ReasonCode.success), false)
})

test('a server may not say what only a client knows', () => {
  assert.equal(serverMaySend(PacketType.DISCONNECT, ReasonCode.disconnectWithWillMessage), false)
  assert.equal(serverMaySend(PacketType.AUTH, ReasonCode.reAuthenticate), false)
})

test('every code has its own name, and a number without one is named in hex', () => {
  for (const [name, code] of Object.entries(ReasonCode)) assert.equal(reasonName(code), name)
  assert.equal(reasonName(0x05), '0x05')
})
