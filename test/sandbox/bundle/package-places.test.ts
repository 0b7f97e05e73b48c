import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packagePlaces } from '../../../sandbox/bundle/package-places.ts'

test('the nearest node_modules comes first, the plugin’s own last, none directly in another', () => {
  assert.deepEqual(packagePlaces('', 'c'), ['node_modules/c'])
  assert.deepEqual(packagePlaces('node_modules/@scope/b/lib', 'c'), [
    'node_modules/@scope/b/lib/node_modules/c',
    'node_modules/@scope/b/node_modules/c',
    'node_modules/@scope/node_modules/c',
    'node_modules/c',
  ])
})
