import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusalIn, refusalText } from '../../../src/client/refusal.ts'

it("a refusal is the standard's name, the code and the broker's reason", () => {
  assert.equal(refusalText(0x87, 'unknown user'), 'Not authorized (0x87): unknown user')
  assert.equal(refusalText(0x86, undefined), 'Bad User Name or Password (0x86)')
  assert.equal(refusalText(5, ''), 'Not authorized (5)')
  assert.equal(refusalText(0xfe, 'odd'), 'Refused (0xfe): odd')
})

it("a stranger's reason cannot steer a terminal", () => {
  assert.equal(refusalText(0x87, 'a\u001b[2Jb\n'), 'Not authorized (0x87): a\uFFFD[2Jb\uFFFD')
})

function isPassing(reasonCode: number): boolean | undefined {
  return refusalIn({ cmd: 'disconnect', reasonCode })?.isPassing
}

it('a refusal passes where the broker is busy or ends, and stands where it says no', () => {
  assert.deepEqual([0x89, 0x8b].map(isPassing), [true, true])
  assert.deepEqual([0x87, 0x8e].map(isPassing), [false, false])
  assert.equal(refusalIn({ cmd: 'connack', sessionPresent: false, returnCode: 3 })?.isPassing, true)
  assert.equal(refusalIn({ cmd: 'connack', sessionPresent: false, returnCode: 5 })?.isPassing, false)
  assert.equal(refusalIn({ cmd: 'connack', sessionPresent: false, returnCode: 0 }), undefined)
  assert.equal(refusalIn({ cmd: 'pingresp' }), undefined)
})
