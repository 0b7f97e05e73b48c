import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Bundle } from '../../../../sandbox/bundle/bundle-format.ts'
import { hooksOf } from '../../../../sandbox/host/plugins/hooks-of.ts'
import { ASKERS } from '../../../../sandbox/sdk/hooks.ts'

const bundle = { manifest: { hooks: ['authenticate', 'topicFiltering', 'onClose'] } } as unknown as Bundle

it('a plugin has the hooks that it declares, without what the operator asks others alone', () => {
  assert.deepEqual([...hooksOf({ bundle })], ['authenticate', 'topicFiltering', 'onClose'])
  assert.deepEqual([...hooksOf({ bundle, unasked: ['authenticate'] })], ['topicFiltering', 'onClose'])
})

it('what did not build stays declared for all that it would be asked', () => {
  assert.deepEqual([...hooksOf({ bundle: null })], [...ASKERS])
  const unasked = ASKERS.filter((hook) => hook !== 'authenticate')
  assert.deepEqual([...hooksOf({ bundle: null, unasked })], ['authenticate'])
})
