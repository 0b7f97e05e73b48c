import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generate, type IConnectPacket } from 'mqtt-packet'
import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import type { ConnectPacket } from '../../../src/codec/packets.ts'
import { parseConnect } from '../../../src/codec/parse-connect.ts'
import { Authentication, authenticateText } from '../../../src/hooks/authentication.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'

const NEWCOMER = {
  tenant: 'acme',
  listener: 'tcp',
  remoteAddress: '192.0.2.1',
  clientId: 'c1',
  username: 'ann',
}

/** What plugins are told of every CONNECT of these tests. */
const BARE = {
  ...NEWCOMER,
  protocolVersion: 5,
  cleanStart: true,
  keepAliveSec: 60,
  userProperties: [],
}

function connectPacket(more: Partial<IConnectPacket>): ConnectPacket {
  const bytes = generate({
    cmd: 'connect',
    clientId: 'c1',
    protocolVersion: 5,
    clean: true,
    keepalive: 60,
    ...more,
  })
  const framer = new Framer(1 << 20)
  framer.push(bytes)
  assert.equal(framer.next(), FrameStatus.frame)
  const packet = parseConnect(framer.buffer, framer.firstByte, framer.start, framer.body, framer.end)
  assert.ok(!('refused' in packet))
  return packet
}

class TestAuthentication extends Authentication {
  readonly decisions: Verdict[] = []

  protected override decided(verdict: Verdict): void {
    this.decisions.push(verdict)
  }
}

const guarded = connectPacket({ username: 'ann', password: Buffer.from('pass') })
const testament = connectPacket({
  will: { topic: 'gone', payload: Buffer.from('bye'), qos: 1, retain: true },
})

test('the password crosses only to plugins with the capability', () => {
  const blind = new FakePlugin('blind', ['authenticate'], { payload: true })
  const trusted = new FakePlugin('trusted', ['authenticate'], { password: true })
  new TestAuthentication().ask(hooksOf([blind, trusted]), authenticateText(guarded, NEWCOMER))
  assert.deepEqual(blind.question(0).event, BARE)
  assert.deepEqual(trusted.question(0).event, {
    ...BARE,
    password64: Buffer.from('pass').toString('base64'),
  })
})

test('a client without a user name or a password has none in the event', () => {
  const trusted = new FakePlugin('trusted', ['authenticate'], { password: true })
  const text = authenticateText(connectPacket({}), { ...NEWCOMER, username: undefined })
  new TestAuthentication().ask(hooksOf([trusted]), text)
  const { username: _, ...nameless } = BARE
  assert.deepEqual(trusted.question(0).event, nameless)
})

test("the will's payload crosses only with the capability, and only up to the limit", () => {
  const blind = new FakePlugin('blind', ['authenticate'], { password: true })
  const sighted = new FakePlugin('sighted', ['authenticate'], { payload: true })
  const text = authenticateText(testament, NEWCOMER)
  new TestAuthentication().ask(hooksOf([blind, sighted], { payloadBytes: 3 }), text)
  new TestAuthentication().ask(hooksOf([sighted], { payloadBytes: 2 }), text)
  const will = { topic: 'gone', qos: 1, retain: true }
  assert.deepEqual(blind.question(0).event, { ...BARE, will })
  const payload64 = Buffer.from('bye').toString('base64')
  assert.deepEqual(sighted.question(0).event, { ...BARE, will: { ...will, payload64 } })
  assert.deepEqual(sighted.question(1).event, { ...BARE, will: { ...will, payloadOmitted: true } })
})

test('user properties cross in their order, those of the same name too [MQTT 5.0, 3.1.2.11.8]', () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const packet = connectPacket({ properties: { userProperties: { a: ['1', '2'], b: '3' } } })
  new TestAuthentication().ask(hooksOf([plugin]), authenticateText(packet, NEWCOMER))
  assert.deepEqual(plugin.question(0).event['userProperties'], [
    ['a', '1'],
    ['a', '2'],
    ['b', '3'],
  ])
})

test('nobody is known before it is authenticated: the question has no subject', () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  new TestAuthentication().ask(hooksOf([plugin]), authenticateText(guarded, NEWCOMER))
  assert.equal(plugin.question(0).subject, null)
})

test('several plugins must agree: one refusal refuses', () => {
  const one = new FakePlugin('one', ['authenticate'])
  const two = new FakePlugin('two', ['authenticate'])
  const authentication = new TestAuthentication()
  authentication.ask(hooksOf([one, two]), authenticateText(guarded, NEWCOMER))
  one.question(0).answer({ verdict: 'allow', principal: 'ann' })
  assert.deepEqual(authentication.decisions, [])
  two.question(0).answer({ verdict: 'deny', code: 0x86 })
  assert.deepEqual(authentication.decisions, [{ verdict: 'deny', code: 0x86 }])
})

test('the address answers for what a newcomer makes plugins do, whoever he says he is', () => {
  const gate = new FakePlugin('gate', ['authenticate'])
  new TestAuthentication().ask(hooksOf([gate]), authenticateText(guarded, NEWCOMER))
  assert.deepEqual(gate.question(0).origin, { source: 'address 192.0.2.1' })
})

test('what each plugin allows is kept apart: its grants are its own', () => {
  const plugins = ['one', 'two', 'three'].map((name) => new FakePlugin(name, ['authenticate']))
  const question = new TestAuthentication()
  question.ask(hooksOf(plugins), authenticateText(guarded, NEWCOMER))
  const grants = [{ effect: 'allow', actions: ['publish'], filter: 'a' }] as const
  plugins[1]?.question(0).answer({ verdict: 'allow', grants, cacheTag: 't', attributes: { site: 'x' } })
  plugins[0]?.question(0).answer({ verdict: 'allow', grants: [] })
  plugins[2]?.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(question.given, [
    { plugin: 'two', allow: { verdict: 'allow', grants, cacheTag: 't', attributes: { site: 'x' } } },
    { plugin: 'one', allow: { verdict: 'allow', grants: [] } },
    { plugin: 'three', allow: { verdict: 'allow' } },
  ])
})
