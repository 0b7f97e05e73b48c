import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { generate, type IConnectPacket } from 'mqtt-packet'
import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import type { ConnectPacket } from '../../../src/codec/packets.ts'
import { parseConnect } from '../../../src/codec/parse-connect.ts'
import { Authentication, type AuthenticateText, authenticateText } from '../../../src/hooks/authentication.ts'
import type { TakenBackOf } from '../../../src/hooks/revocations.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf, type Reply } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'
import { anyVerdict } from '../../support/verdicts.ts'

const NEWCOMER = {
  tenant: 'acme',
  listener: 'tcp',
  remoteAddress: '192.0.2.1',
  clientId: 'c1',
  username: 'ann',
}

/** What plugins are told of every CONNECT of these tests. */
const BARE = {
  cause: 'connect',
  step: 0,
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
  readonly replies: (Buffer | undefined)[] = []

  protected override decided(verdict: Verdict): void {
    this.decisions.push(verdict)
  }

  protected override continued(data: Buffer | undefined): void {
    this.replies.push(data)
  }
}

/** Asks all plugins about a CONNECT. */
function askOf(
  plugins: readonly FakePlugin[],
  event: AuthenticateText,
  more: { readonly payloadBytes?: number } = {},
): TestAuthentication {
  const hooks = hooksOf(plugins, more)
  const authentication = new TestAuthentication(event)
  const occasion = { cause: 'connect', voters: hooks.authenticate, client: null } as const
  authentication.ask(occasion, hooks, { step: 0, data: undefined })
  return authentication
}

const guarded = connectPacket({ username: 'ann', password: Buffer.from('pass') })
const testament = connectPacket({
  will: { topic: 'gone', payload: Buffer.from('bye'), qos: 1, retain: true },
})

test('the password crosses only to plugins with the capability', () => {
  const blind = new FakePlugin('blind', ['authenticate'], { payload: true })
  const trusted = new FakePlugin('trusted', ['authenticate'], { password: true })
  askOf([blind, trusted], authenticateText(guarded, NEWCOMER))
  assert.deepEqual(blind.question(0).event, BARE)
  assert.deepEqual(trusted.question(0).event, {
    ...BARE,
    password64: Buffer.from('pass').toString('base64'),
  })
})

test('a client without a user name or a password has none in the event', () => {
  const trusted = new FakePlugin('trusted', ['authenticate'], { password: true })
  const text = authenticateText(connectPacket({}), { ...NEWCOMER, username: undefined })
  askOf([trusted], text)
  const { username: _, ...nameless } = BARE
  assert.deepEqual(trusted.question(0).event, nameless)
})

test("the will's payload crosses only with the capability, and only up to the limit", () => {
  const blind = new FakePlugin('blind', ['authenticate'], { password: true })
  const sighted = new FakePlugin('sighted', ['authenticate'], { payload: true })
  const text = authenticateText(testament, NEWCOMER)
  askOf([blind, sighted], text, { payloadBytes: 3 })
  askOf([sighted], text, { payloadBytes: 2 })
  const will = { topic: 'gone', qos: 1, retain: true }
  assert.deepEqual(blind.question(0).event, { ...BARE, will })
  const payload64 = Buffer.from('bye').toString('base64')
  assert.deepEqual(sighted.question(0).event, { ...BARE, will: { ...will, payload64 } })
  assert.deepEqual(sighted.question(1).event, { ...BARE, will: { ...will, payloadOmitted: true } })
})

test('user properties cross in their order, those of the same name too [MQTT 5.0, 3.1.2.11.8]', () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const packet = connectPacket({ properties: { userProperties: { a: ['1', '2'], b: '3' } } })
  askOf([plugin], authenticateText(packet, NEWCOMER))
  assert.deepEqual(plugin.question(0).event['userProperties'], [
    ['a', '1'],
    ['a', '2'],
    ['b', '3'],
  ])
})

test('nobody is known before it is authenticated: the question has no subject', () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  askOf([plugin], authenticateText(guarded, NEWCOMER))
  assert.equal(plugin.question(0).subject, null)
})

test('several plugins must agree: one refusal refuses', () => {
  const one = new FakePlugin('one', ['authenticate'])
  const two = new FakePlugin('two', ['authenticate'])
  const authentication = askOf([one, two], authenticateText(guarded, NEWCOMER))
  one.question(0).answer({ verdict: 'allow', principal: 'ann' })
  assert.deepEqual(authentication.decisions, [])
  two.question(0).answer({ verdict: 'deny', code: 0x86 })
  assert.deepEqual(authentication.decisions, [{ verdict: 'deny', code: 0x86 }])
})

test('the address answers for what a newcomer makes plugins do, whoever he says he is', () => {
  const gate = new FakePlugin('gate', ['authenticate'])
  askOf([gate], authenticateText(guarded, NEWCOMER))
  assert.deepEqual(gate.question(0).origin, { source: 'address 192.0.2.1' })
})

describe('of a client that authenticates again', () => {
  test('neither password nor payload of its CONNECT are kept', () => {
    const trusted = new FakePlugin('trusted', ['authenticate'], { password: true, payload: true })
    const packet = connectPacket({
      username: 'ann',
      password: Buffer.from('pass'),
      will: { topic: 'gone', payload: Buffer.from('bye'), qos: 1, retain: true },
    })
    askOf([trusted], authenticateText(packet, NEWCOMER).withoutSecrets())
    assert.deepEqual(trusted.question(0).event, { ...BARE, will: { topic: 'gone', qos: 1, retain: true } })
  })

  test('plugins are told why, and who it is: he answers for it himself', () => {
    const plugin = new FakePlugin('one', ['authenticate'])
    const hooks = hooksOf([plugin])
    const subject = { ref: 7, json: '', source: 'client ann', release: () => undefined }
    const client = testClient('c1', { subject })
    const event = authenticateText(guarded, NEWCOMER)
    const occasion = { cause: 'refresh', voters: hooks.authenticate, client } as const
    new TestAuthentication(event).ask(occasion, hooks, { step: 0, data: undefined })
    const { event: told, subject: about, origin } = plugin.question(0)
    assert.deepEqual([told['cause'], about, origin], ['refresh', subject, undefined])
  })
})

describe('enhanced authentication [MQTT 5.0, 4.12]', () => {
  const properties = { authenticationMethod: 'M', authenticationData: Buffer.from('one') }
  const scram = authenticateText(connectPacket({ properties }), NEWCOMER)

  test('plugins see the method, and the data of this step', () => {
    const plugin = new FakePlugin('one', ['authenticate'])
    const hooks = hooksOf([plugin])
    const occasion = { cause: 'connect', voters: hooks.authenticate, client: null } as const
    new TestAuthentication(scram).ask(occasion, hooks, { step: 3, data: Buffer.from('two') })
    const { authMethod, authData64, step } = plugin.question(0).event
    assert.deepEqual([authMethod, authData64, step], ['M', btoa('two'), 3])
  })

  test('to go on outweighs an allow and an abstention', () => {
    const plugins = ['one', 'two', 'three'].map((name) => new FakePlugin(name, ['authenticate']))
    const authentication = askOf(plugins, scram)
    const replies = [{ verdict: 'allow' }, { verdict: 'continue', data: Buffer.from('go') }, ABSTAIN] as const
    replies.forEach((reply, place) => plugins[place]?.question(0).answer(reply))
    assert.deepEqual(authentication.replies.map(String), ['go'])
    assert.deepEqual(authentication.decisions, [])
    // who only goes on has not said anything that decides
    assert.deepEqual(
      authentication.voices.map(({ verdict }) => verdict.verdict),
      ['allow', 'abstain', 'abstain'],
    )
  })

  test('where nobody has anything to say to a method, it is the method that is wrong [MQTT-4.12.0-1]', () => {
    const plugin = new FakePlugin('one', ['authenticate'])
    const authentication = askOf([plugin], scram)
    plugin.question(0).answer(ABSTAIN)
    assert.deepEqual(codesOf(authentication), [0x8c])
  })

  test('two plugins cannot lead one exchange: what they say must be the same', () => {
    for (const [first, second, code] of [
      ['a', 'a', undefined],
      ['a', 'b', 0x87],
      ['a', undefined, 0x87],
      [undefined, undefined, undefined],
    ] as const) {
      const plugins = ['one', 'two'].map((name) => new FakePlugin(name, ['authenticate']))
      const authentication = askOf(plugins, scram)
      plugins[0]?.question(0).answer(goOn(first))
      plugins[1]?.question(0).answer(goOn(second))
      assert.deepEqual(codesOf(authentication), code === undefined ? [] : [code])
      assert.equal(authentication.replies.length, code === undefined ? 1 : 0)
    }
  })

  test('whatever plugins say in whichever order, the outcome is the same, and the sternest decides', () => {
    const anyReply: fc.Arbitrary<Reply> = fc.oneof(
      { weight: 3, arbitrary: anyVerdict },
      { weight: 1, arbitrary: fc.constantFrom('', 'a', 'b').map((text) => goOn(text)) },
      { weight: 1, arbitrary: fc.constantFrom<Reply>('timeout', 'overload') },
    )
    const anyOrder = fc
      .array(anyReply, { minLength: 1, maxLength: 5 })
      .chain((replies) => fc.tuple(fc.constant(replies), shuffled(replies.length), shuffled(replies.length)))
    fc.assert(
      fc.property(anyOrder, ([replies, one, other]) => {
        const { word, text } = outcomeOf(scram, replies, one)
        assert.equal(text, outcomeOf(scram, replies, other).text)
        const words = replies.map((reply) => (typeof reply === 'string' ? 'deny' : reply.verdict))
        if (word === 'allow') assert.ok(words.every((word) => word === 'allow' || word === 'abstain'))
      }),
      { numRuns: 500 },
    )
  })
})

test('a refusal by failure alone is told from a refusal by word', () => {
  for (const [replies, failed] of [
    [['timeout'], true],
    [['timeout', { verdict: 'allow' }], true],
    [['timeout', { verdict: 'deny' }], false],
    [[{ verdict: 'deny' }], false],
  ] as const) {
    const plugins = replies.map((_, place) => new FakePlugin(`p${place}`, ['authenticate']))
    const authentication = askOf(plugins, authenticateText(guarded, NEWCOMER))
    replies.forEach((reply: Reply, place) => plugins[place]?.question(0).answer(reply))
    assert.equal(authentication.failed, failed)
  }
})

test('each allow is kept with the name of who gave it', () => {
  const plugins = ['one', 'two'].map((name) => new FakePlugin(name, ['authenticate']))
  const authentication = askOf(plugins, authenticateText(guarded, NEWCOMER))
  plugins[0]?.question(0).answer({ verdict: 'allow', roles: ['a'] })
  plugins[1]?.question(0).answer(ABSTAIN)
  assert.deepEqual(
    authentication.given.map(({ plugin, allow }) => [plugin, allow.roles]),
    [['one', ['a']]],
  )
})

describe('what a plugin takes back while it is answered', () => {
  const event = authenticateText(guarded, NEWCOMER)
  const taken = (
    whom: TakenBackOf,
    step = 0,
  ): { readonly gate: FakePlugin; readonly asking: TestAuthentication; readonly takeBack: () => void } => {
    const gate = new FakePlugin('gate', ['authenticate'])
    const hooks = hooksOf([gate])
    const asking = new TestAuthentication(event)
    const occasion = { cause: 'connect', voters: hooks.authenticate, client: null } as const
    asking.ask(occasion, hooks, { step, data: undefined })
    return { gate, asking, takeBack: () => hooks.memory.takeBack('gate', whom) }
  }
  const allow: Reply = { verdict: 'allow', cacheTag: 'team', session: { assignedClientId: 'mine' } }

  test('is asked once more, by client, assigned client identifier or tag; what is said then holds', () => {
    for (const whom of [{ clientId: 'c1' }, { clientId: 'mine' }, { tag: 'team' }]) {
      const { gate, asking, takeBack } = taken(whom)
      takeBack()
      gate.question(0).answer(allow)
      assert.deepEqual([asking.decisions, gate.asked.length], [[], 2])
      gate.question(1).answer({ verdict: 'deny', code: 0x8a })
      assert.deepEqual(codesOf(asking), [0x8a])
    }
  })

  test('is refused where it is taken back each time, or in the midst of several steps', () => {
    const often = taken({ clientId: 'c1' })
    for (const question of [0, 1]) {
      often.takeBack()
      often.gate.question(question).answer(allow)
    }
    const late = taken({ clientId: 'c1' }, 1)
    late.takeBack()
    late.gate.question(0).answer(allow)
    assert.deepEqual([codesOf(often.asking), codesOf(late.asking)], [[0x87], [0x87]])
  })

  test('of others, or a refusal, changes nothing', () => {
    for (const [whom, reply] of [
      [{ clientId: 'c2' }, allow],
      [{ tag: 'other' }, allow],
      [{ clientId: 'c1' }, { verdict: 'deny' }],
    ] as const) {
      const { gate, asking, takeBack } = taken(whom)
      takeBack()
      gate.question(0).answer(reply)
      assert.deepEqual([asking.decisions.length, gate.asked.length], [1, 1])
    }
  })
})

const ABSTAIN: Reply = { verdict: 'abstain' }

function goOn(data: string | undefined): Reply {
  return { verdict: 'continue', ...(data !== undefined && { data: Buffer.from(data) }) }
}

function codesOf({ decisions }: TestAuthentication): readonly unknown[] {
  return decisions.map((verdict) => 'code' in verdict && verdict.code)
}

function shuffled(length: number): fc.Arbitrary<number[]> {
  const places = Array.from({ length }, (_, place) => place)
  return fc.shuffledSubarray(places, { minLength: length })
}

/** What becomes of a CONNECT: its word, and the whole as text, keys in an order of their own. */
function outcomeOf(
  event: AuthenticateText,
  replies: readonly Reply[],
  order: readonly number[],
): { readonly word: string; readonly text: string } {
  const plugins = replies.map((_, place) => new FakePlugin(`p${place}`, ['authenticate']))
  const authentication = askOf(plugins, event)
  for (const place of order) plugins[place]?.question(0).answer(replies[place] as Reply)
  const { decisions, replies: said } = authentication
  assert.equal(decisions.length + said.length, 1)
  const verdict = decisions[0] ?? { verdict: 'continue', data: String(said[0]) }
  return { word: verdict.verdict, text: Object.entries(verdict).map(sorted).sort().join() }
}

/** Records within a verdict have no order. */
function sorted([key, value]: [string, unknown]): string {
  const isRecord =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
  const inner = isRecord
    ? Object.entries(value)
        .map(([name, each]) => JSON.stringify([name, each]))
        .sort()
    : value
  return `${key}: ${JSON.stringify(inner)}`
}
