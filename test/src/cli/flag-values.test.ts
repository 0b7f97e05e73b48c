import assert from 'node:assert/strict'
import { it } from 'node:test'
import { expiryOf, numberWithin, qosOf, versionOf } from '../../../src/cli/flag-values.ts'

const REFUSED = { code: 'ERR_USAGE' }

it('a number is a whole one within its bounds', () => {
  const port = numberWithin(1, 65_535)
  assert.deepEqual(['1', '65535'].map(port), [1, 65_535])
  for (const text of ['', ' ', '0', '65536', '1.5', 'x', '-1']) assert.throws(() => port(text), REFUSED, text)
})

it('a quality of service is 0, 1 or 2', () => {
  assert.deepEqual(['0', '1', '2'].map(qosOf), [0, 1, 2])
  for (const text of ['3', '-1', '', '01']) assert.throws(() => qosOf(text), REFUSED, text)
})

it("a version has mosquitto's names", () => {
  assert.deepEqual(['mqttv31', '31', 'mqttv311', '311', 'mqttv5', '5'].map(versionOf), [3, 3, 4, 4, 5, 5])
  for (const text of ['3', '4', 'mqtt5', 'constructor']) assert.throws(() => versionOf(text), REFUSED, text)
})

it('a session expires after seconds, or never', () => {
  assert.deepEqual(['0', '3600', '-1', '∞'].map(expiryOf), [0, 3600, 0xffff_ffff, 0xffff_ffff])
  assert.throws(() => expiryOf('soon'), REFUSED)
})
