import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freezeEvent, freezeEventWithBytes } from '../../../sandbox/guest/event.ts'
import { HOOKS } from '../../../sandbox/sdk/hooks.ts'

const number = (hook: (typeof HOOKS)[number]): number => HOOKS.indexOf(hook)

test('an event is frozen to its depth, whichever hook it is for', () => {
  for (const hook of HOOKS) {
    const event = { topic: 'a', properties: { userProperties: [['k', 'v']] } }
    freezeEvent(event, number(hook))
    assert.ok(Object.isFrozen(event) && Object.isFrozen(event.properties), hook)
    assert.ok(Object.isFrozen(event.properties.userProperties[0]), hook)
  }
  const asked = { message: { topic: 'a', properties: {} }, targets: [{ filter: '#' }] }
  freezeEvent(asked, number('authorizeReceive'))
  assert.ok(Object.isFrozen(asked.message.properties) && Object.isFrozen(asked.targets[0]))
})

test('bytes that travelled as base64 arrive as bytes, at the top and in the parts that carry them', () => {
  const event = freezeEventWithBytes({
    payload64: 'aGk=',
    password64: '',
    message: { topic: 'a', payload64: 'aGk=' },
    will: { payload64: '/w==' },
  })
  assert.deepEqual(event, {
    payload: new Uint8Array([104, 105]),
    password: new Uint8Array(0),
    message: { topic: 'a', payload: new Uint8Array([104, 105]) },
    will: { payload: new Uint8Array([255]) },
  })
  assert.ok(Object.isFrozen(event) && Object.isFrozen(event['message']))
})

test('an event has its own fields and none that a plugin has planted for all objects', (t) => {
  const loop: Record<string, unknown> = {}
  loop['loop'] = loop
  const everything = Object.prototype as { planted?: unknown }
  everything.planted = loop
  t.after(() => delete everything.planted)
  freezeEvent({ filters: [] }, number('authorizeSubscribe'))
  assert.ok(!Object.isFrozen(loop))
  assert.ok(!Object.hasOwn(freezeEventWithBytes({ payload64: '' }), 'planted'))
})

test('an own __proto__ of an event stays an own key', () => {
  const event = freezeEventWithBytes(JSON.parse('{"__proto__":{"topic":"a"}}') as Record<string, unknown>)
  assert.ok(Object.hasOwn(event, '__proto__'))
  assert.equal(Object.getPrototypeOf(event), Object.prototype)
})
