import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runtimeVersions } from '../../../sandbox/host/runtime-versions.ts'

test('the versions are those of this process, and isolated-vm has a binary for it', () => {
  const { node, v8, isolatedVm, fits } = runtimeVersions()
  assert.deepEqual([node, v8, fits], [process.versions.node, process.versions.v8, true])
  assert.match(isolatedVm, /^\d+\.\d+\.\d+/)
})
