import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SDK_DECLARATION, sdkDeclaration } from '../../support/sdk-declaration.ts'

test('what plugin authors compile against changes on purpose alone: else run test/support/sdk-declaration.ts', () => {
  const lines = sdkDeclaration().split('\n')
  assert.ok(lines.some((line) => line.startsWith('export declare function definePlugin')))
  assert.deepEqual(lines, readFileSync(SDK_DECLARATION, 'utf8').split('\n'))
})
