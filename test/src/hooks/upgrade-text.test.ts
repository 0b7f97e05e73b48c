import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seenUpgrade } from '../../../src/hooks/upgrade-text.ts'

const REQUEST = {
  path: '/mqtt?token=t',
  host: 'broker.example',
  headers: {
    host: 'broker.example',
    upgrade: 'websocket',
    'sec-websocket-key': 'k',
    'sec-websocket-protocol': 'mqtt',
    origin: 'https://app.example',
    cookie: 'session=s',
    authorization: 'Bearer b',
    'proxy-authorization': 'Basic p',
    'x-long': 'x'.repeat(1025),
    [`x-${'n'.repeat(64)}`]: 'long name',
  },
}
const HARMLESS = { 'sec-websocket-protocol': 'mqtt', origin: 'https://app.example' }

test('what proves an identity is for who may see passwords', () => {
  assert.deepEqual(seenUpgrade(REQUEST, false), {
    path: '/mqtt',
    host: 'broker.example',
    headers: HARMLESS,
  })
  const { cookie, authorization, 'proxy-authorization': proxy } = REQUEST.headers
  assert.deepEqual(seenUpgrade(REQUEST, true), {
    path: '/mqtt?token=t',
    host: 'broker.example',
    headers: { ...HARMLESS, cookie, authorization, 'proxy-authorization': proxy },
  })
})

test('there is a bound to how many headers cross, and to the path', () => {
  const headers = Object.fromEntries(Array.from({ length: 100 }, (_, place) => [`x-${place}`, 'v']))
  const seen = seenUpgrade({ path: `/${'p'.repeat(2000)}`, host: 'h', headers }, true)
  assert.equal(Object.keys(seen.headers).length, 32)
  assert.equal(seen.path, '')
})
