import assert from 'node:assert/strict'
import { test } from 'node:test'
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
