import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseBrokerUri } from '../../../src/config/broker-uri.ts'

const place = (uri: string): unknown => {
  const { protocol, host, port, path } = parseBrokerUri(uri) ?? {}
  return [protocol, host, port, path]
}

it('each scheme has its port, and a WebSocket its path', () => {
  assert.deepEqual(place('mqtt://broker'), ['mqtt', 'broker', 1883, ''])
  assert.deepEqual(place('mqtt://broker/'), ['mqtt', 'broker', 1883, ''])
  assert.deepEqual(place('mqtts://[::1]'), ['mqtts', '::1', 8883, ''])
  assert.deepEqual(place('ws://broker/mqtt?a=b'), ['ws', 'broker', 80, '/mqtt?a=b'])
  assert.deepEqual(place('wss://broker:8084'), ['wss', 'broker', 8084, '/'])
})

it('a user and a password may stand in it, percent signs decoded', () => {
  const { username, password } = parseBrokerUri('mqtt://al%40ice:s%3Acret@h') ?? {}
  assert.deepEqual([username, password], ['al@ice', 's:cret'])
})

it('anything else is none', () => {
  for (const uri of [
    '',
    'broker',
    'http://broker',
    'mqtt://',
    'mqtt://h:99999',
    'mqtt://a%zz@h',
    'toString://h',
  ])
    assert.equal(parseBrokerUri(uri), undefined, uri)
})
