import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { PluginHandle } from '../../../sandbox/index.ts'
import { PacketTellers } from '../../../src/client/packet-tellers.ts'

/** A plugin that keeps what it is told. */
function listener(hooks: readonly string[], capabilities: object = {}): [PluginHandle, [string, unknown][]] {
  const told: [string, unknown][] = []
  const plugin = {
    hooks: new Set(hooks),
    capabilities,
    tell: (hook: string, _subject: null, event: string) => told.push([hook, JSON.parse(event)]),
  }
  return [plugin as unknown as PluginHandle, told]
}

const PUBLISH = {
  cmd: 'publish',
  topic: 'a',
  payload: Buffer.from('hi'),
  qos: 0,
  retain: false,
  dup: false,
  messageId: 0,
} as const

it('each plugin is told of the direction that it listens to', () => {
  const [sent, toldSent] = listener(['onMqttPacketSent'])
  const [received, toldReceived] = listener(['onMqttPacketReceived'])
  const tellers = new PacketTellers([sent, received], 64)
  tellers.sent({ cmd: 'pingreq' })
  tellers.received({ cmd: 'pingresp' })
  assert.deepEqual(toldSent, [['onMqttPacketSent', { packet: { cmd: 'pingreq' } }]])
  assert.deepEqual(toldReceived, [['onMqttPacketReceived', { packet: { cmd: 'pingresp' } }]])
})

it('the payload crosses to who has the capability, as far as it is not too long', () => {
  const [blind, toldBlind] = listener(['onMqttPacketSent'])
  const [seeing, toldSeeing] = listener(['onMqttPacketSent'], { payload: true })
  const header = { cmd: 'publish', topic: 'a', qos: 0, retain: false, dup: false }
  new PacketTellers([blind, seeing], 2).sent(PUBLISH)
  new PacketTellers([seeing], 1).sent(PUBLISH)
  assert.deepEqual(toldBlind, [['onMqttPacketSent', { packet: header }]])
  assert.deepEqual(toldSeeing, [
    ['onMqttPacketSent', { packet: { ...header, payload64: 'aGk=' } }],
    ['onMqttPacketSent', { packet: { ...header, payloadOmitted: true } }],
  ])
})

it('the password never crosses, and of the will only its head', () => {
  const [plugin, told] = listener(['onMqttPacketSent'], { payload: true })
  new PacketTellers([plugin], 64).sent({
    cmd: 'connect',
    clientId: 'me',
    protocolVersion: 4,
    clean: true,
    keepalive: 10,
    username: 'alice',
    password: Buffer.from('secret'),
    will: { topic: 'w', payload: Buffer.from('secret'), qos: 1, retain: true },
  })
  const packet = {
    cmd: 'connect',
    clientId: 'me',
    protocolVersion: 4,
    cleanStart: true,
    keepAliveSec: 10,
    username: 'alice',
    will: { topic: 'w', qos: 1, retain: true },
  }
  assert.deepEqual(told, [['onMqttPacketSent', { packet }]])
})
