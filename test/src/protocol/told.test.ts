import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toldOf } from '../../../src/protocol/told.ts'

const NOT_AUTHORIZED = 0x87

for (const [action, version, qos, onRefusedPublish, told] of [
  ['connect', 5, undefined, 'drop', 'CONNACK 0x87'],
  ['connect', 4, undefined, 'drop', 'CONNACK return code 5'],
  ['publish', 5, 0, 'drop', 'nothing: QoS 0 is dropped'],
  ['publish', 5, 1, 'drop', 'PUBACK 0x87'],
  ['publish', 5, 2, 'drop', 'PUBREC 0x87'],
  ['publish', 5, undefined, 'drop', 'PUBACK or PUBREC 0x87'],
  ['publish', 4, 1, 'drop', 'an acknowledgement as if it were delivered: dropped'],
  ['publish', 4, 0, 'drop', 'nothing: QoS 0 is dropped'],
  ['publish', 3, 1, 'close', 'the end of the connection'],
  ['subscribe', 5, undefined, 'drop', 'SUBACK 0x87'],
  ['subscribe', 4, undefined, 'drop', 'SUBACK 0x80'],
  ['unsubscribe', 5, undefined, 'drop', 'UNSUBACK 0x87'],
  ['unsubscribe', 4, undefined, 'drop', 'UNSUBACK, which has no code: the subscription stays'],
  ['receive', 5, undefined, 'drop', 'nothing: a delivery that is refused is silent'],
  ['will', 5, undefined, 'drop', 'nothing: the client is gone'],
  ['protocol', 5, undefined, 'drop', 'DISCONNECT 0x87'],
  ['protocol', 4, undefined, 'drop', 'the end of the connection'],
] as const) {
  test(`a refused ${action} of version ${version}, QoS ${qos}, ${onRefusedPublish}: ${told}`, () => {
    const hearing = { action, version, onRefusedPublish, ...(qos === undefined ? {} : { qos }) }
    assert.equal(toldOf(hearing, NOT_AUTHORIZED), told)
  })
}

for (const [action, version, heard, told] of [
  ['publish', 5, 'silent', 'an acknowledgement as if it were delivered: dropped'],
  ['publish', 5, 'disconnect', 'DISCONNECT 0x87'],
  ['publish', 4, 'disconnect', 'the end of the connection'],
  ['subscribe', 5, 'disconnect', 'DISCONNECT 0x87'],
  ['connect', 5, 'disconnect', 'DISCONNECT 0x87'],
] as const) {
  test(`a plugin's ${heard} answer to a ${action} of version ${version}: ${told}`, () => {
    assert.equal(toldOf({ action, version, heard, qos: 1, onRefusedPublish: 'drop' }, NOT_AUTHORIZED), told)
  })
}
