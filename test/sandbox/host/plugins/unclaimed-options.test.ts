import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Bundle } from '../../../../sandbox/bundle/bundle-format.ts'
import { unclaimedOptions } from '../../../../sandbox/host/plugins/unclaimed-options.ts'

const prepared = {
  bundle: { manifest: { config: { properties: { 'allow-anonymous': {} } } } } as unknown as Bundle,
}

function refused(options: Readonly<Record<string, unknown>>): string | undefined {
  return unclaimedOptions([{ sharesOptions: true, options }], [prepared])?.message
}

it('a shared option that no plugin takes is an error that names the nearest', () => {
  assert.equal(refused({ allow_anonymous: 1 }), undefined)
  assert.equal(
    refused({ allow_anonymus: 1 }),
    'no plugin takes the option "allow_anonymus"; did you mean "allow-anonymous"?',
  )
})

it("options of a plugin's own are not looked at", () => {
  assert.equal(unclaimedOptions([{ options: { other: 1 } }], [prepared]), undefined)
})
