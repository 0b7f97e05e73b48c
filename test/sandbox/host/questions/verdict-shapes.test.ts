import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GRANT_LEVELS, GRANTS_PER_VERDICT } from '../../../../sandbox/limits.ts'
import { Mistake } from '../../../../sandbox/host/fields.ts'
import { VERDICT_FIELDS } from '../../../../sandbox/host/questions/verdict-shapes.ts'
import type { AskerName } from '../../../../sandbox/sdk/hooks.ts'

function read(hook: AskerName, raw: object): unknown {
  return VERDICT_FIELDS[hook]?.(raw)
}

function refused(hook: AskerName, raw: object): string {
  const mistake = read(hook, raw)
  return mistake instanceof Mistake ? mistake.text : assert.fail(`${hook} accepts ${JSON.stringify(raw)}`)
}

test('a code stands only where the packet of the hook can carry it', () => {
  assert.deepEqual(read('authenticate', { verdict: 'deny', code: 0x86 }), { verdict: 'deny', code: 0x86 })
  assert.match(
    refused('authorizePublish', { verdict: 'deny', code: 0x86 }),
    /code: this packet cannot carry it/,
  )
  assert.match(refused('topicFiltering', { verdict: 'deny', code: 0x8f }), /code/)
  assert.match(refused('authorizeReceive', { verdict: 'deny', code: 0x87 }), /"code": is unknown/)
})

test('fields of one hook are unknown in another', () => {
  assert.match(
    refused('authorizePublish', { verdict: 'allow', principal: 'root' }),
    /"principal": is unknown/,
  )
  assert.match(refused('authenticate', { verdict: 'allow', tenant: 't2' }), /"tenant": is unknown/)
})

test('a subscription may be answered filter by filter, with the short forms too', () => {
  assert.deepEqual(
    read('authorizeSubscribe', { filters: [true, { verdict: 'allow', maxQos: 1 }, null, false] }),
    {
      verdict: 'filters',
      filters: [
        { verdict: 'allow' },
        { verdict: 'allow', maxQos: 1 },
        { verdict: 'abstain' },
        { verdict: 'deny' },
      ],
    },
  )
  assert.match(
    refused('authorizeSubscribe', { filters: [{ verdict: 'disconnect' }] }),
    /^filters\[0\]\.verdict/,
  )
})

test('a delivery may be answered with a default and exceptions', () => {
  assert.deepEqual(read('authorizeReceive', { default: 'allow', except: [0, 2] }), {
    verdict: 'recipients',
    default: 'allow',
    except: [0, 2],
  })
  assert.deepEqual(read('authorizeReceive', { default: 'deny' }), {
    verdict: 'recipients',
    default: 'deny',
    except: [],
  })
  refused('authorizeReceive', { default: 'allow', except: [-1] })
})

test('grants and session settings are bounded', () => {
  const grant = { effect: 'allow', actions: ['publish'], filter: 'home/#' }
  assert.deepEqual(read('authenticate', { verdict: 'allow', grants: [grant] }), {
    verdict: 'allow',
    grants: [grant],
  })
  assert.match(
    refused('authenticate', { verdict: 'allow', grants: [{ effect: 'allow' }] }),
    /grants\[0\]\.actions: is missing/,
  )
  assert.match(
    refused('authenticate', { verdict: 'allow', session: { receiveMaximum: 0 } }),
    /session\.receiveMaximum/,
  )
})

test('an allow may end an authentication with bytes; a rate of 0 is none', () => {
  assert.deepEqual(read('authenticate', { verdict: 'allow', authData: { bytes64: 'AQI=' } }), {
    verdict: 'allow',
    authData: Buffer.from([1, 2]),
  })
  for (const rate of ['publishPerSec', 'bytesPerSec']) {
    assert.match(refused('authenticate', { verdict: 'allow', session: { [rate]: 0 } }), /from 1/)
  }
})

test('a transform is one of four operations; a plain verdict stands for pass or a refusal', () => {
  for (const [raw, more] of [
    [{ op: 'pass' }, {}],
    [
      { op: 'patch', patch: { topic: 'b', payload: 'x' } },
      { patch: { topic: 'b', payload: Buffer.from('x') } },
    ],
    [{ op: 'drop', ack: 'silent' }, {}],
    [{ op: 'replace', with: [{ topic: 'a' }, { topic: 'b', qos: 1 }] }, {}],
  ] as const) {
    assert.deepEqual(read('transformMessage', raw), { verdict: 'transform', ...raw, ...more })
  }
  assert.deepEqual(read('transformMessage', { verdict: 'deny', reason: 'no' }), {
    verdict: 'deny',
    reason: 'no',
  })
  assert.match(refused('transformMessage', { op: 'constructor' }), /op: must be one of/)
  assert.match(refused('transformMessage', { op: 'patch' }), /patch: is missing/)
  assert.match(refused('transformMessage', { op: 'replace', with: [{ payload: 'a' }] }), /topic: is missing/)
  assert.match(refused('transformMessage', { op: 'pass', patch: {} }), /"patch": is unknown/)
  assert.match(refused('transformMessage', { op: 'patch', patch: { dup: true } }), /"dup": is unknown/)
})

test('a will may be stripped, suppressed, set or put off; each has its own word', () => {
  assert.deepEqual(read('authorizeWill', { verdict: 'strip' }), { verdict: 'strip' })
  assert.deepEqual(read('authorizeWill', { verdict: 'defer', delaySec: 5 }), {
    verdict: 'defer',
    delaySec: 5,
  })
  assert.deepEqual(read('authorizeWill', { verdict: 'set', will: { topic: 'w', payload: 'x' } }), {
    verdict: 'set',
    will: { topic: 'w', payload: Buffer.from('x') },
  })
  assert.deepEqual(read('authorizeWill', { verdict: 'allow' }), { verdict: 'allow' })
  assert.deepEqual(read('authorizeWill', { verdict: 'publish' }), { verdict: 'allow' })
  assert.match(refused('authorizeWill', { verdict: 'publish', topic: 'a' }), /"topic": is unknown/)
  assert.match(refused('authorizeWill', { verdict: 'set' }), /will: is missing/)
  assert.match(refused('authorizeWill', { verdict: 'defer', delaySec: 0 }), /delaySec/)
  assert.match(refused('authorizeWill', { verdict: 'toString' }), /verdict: must be/)
})

test('authenticate may go on with bytes; recipients may get a message of their own', () => {
  assert.deepEqual(read('authenticate', { verdict: 'continue', data: { bytes64: 'AQL/' } }), {
    verdict: 'continue',
    data: Buffer.from([1, 2, 255]),
  })
  assert.deepEqual(
    read('authorizeReceive', { default: 'allow', groups: [{ targets: [0], patch: { qos: 0 } }] }),
    {
      verdict: 'recipients',
      default: 'allow',
      except: [],
      groups: [{ targets: [0], patch: { qos: 0 } }],
    },
  )
})

test('a grant is one in every field; so are all together', () => {
  const grant = { effect: 'deny', actions: ['publish', 'receive'], filter: 'u/{username}/#' }
  const whole = { ...grant, qos: [0, 2], retain: false, share: 'g' }
  assert.deepEqual(read('authenticate', { verdict: 'allow', grants: [grant, whole] }), {
    verdict: 'allow',
    grants: [grant, whole],
  })
  for (const [change, why] of [
    [{ effect: 'maybe' }, /grants\[0\]\.effect/],
    [{ actions: ['all'] }, /grants\[0\]\.actions\[0\]/],
    [{ filter: 'a#' }, /grants\[0\]\.filter: a wildcard fills its whole level/],
    [{ filter: '{userName}' }, /grants\[0\]\.filter: the placeholders are/],
    [{ qos: [3] }, /grants\[0\]\.qos/],
    [{ retain: 1 }, /grants\[0\]\.retain/],
    [{ share: '' }, /grants\[0\]\.share/],
    [{ topic: 'a' }, /topic": is unknown/],
  ] as const) {
    assert.match(refused('authenticate', { verdict: 'allow', grants: [{ ...grant, ...change }] }), why)
  }
  const many = (count: number, filter: string): object => ({
    verdict: 'allow',
    grants: Array.from({ length: count }, () => ({ ...grant, filter })),
  })
  assert.match(refused('authenticate', many(GRANTS_PER_VERDICT + 1, 'a')), /grants/)
  const long = Array.from({ length: 128 }, () => 'a').join('/')
  read('authenticate', many(GRANT_LEVELS / 128, long))
  assert.match(refused('authenticate', many(GRANT_LEVELS / 128 + 1, long)), /topic levels/)
})
