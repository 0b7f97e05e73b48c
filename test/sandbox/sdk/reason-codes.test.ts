import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CONNECT_REFUSALS,
  DISCONNECT_REASONS,
  PUBLISH_REFUSALS,
  REFUSALS,
  SUBSCRIBE_REFUSALS,
  UNSUBSCRIBE_REFUSALS,
} from '../../../sandbox/sdk/reason-codes.ts'

test('a name has one number in every packet, and a number one name; all of them are refusals', () => {
  const all: Readonly<Record<string, number>> = REFUSALS
  for (const table of [
    CONNECT_REFUSALS,
    PUBLISH_REFUSALS,
    SUBSCRIBE_REFUSALS,
    UNSUBSCRIBE_REFUSALS,
    DISCONNECT_REASONS,
  ]) {
    for (const [name, code] of Object.entries(table)) assert.equal(all[name], code)
  }
  const codes = Object.values(all)
  assert.equal(new Set(codes).size, codes.length)
  assert.ok(codes.every((code) => code >= 0x80 && code <= 0xa2))
})
