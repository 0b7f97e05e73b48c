import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const SEVENTEEN = Array.from({ length: 17 }, (_, place) => `s${place}: x`)

const folder = new ConfigFolder('gate')

describe('a mistake of shape', () => {
  const CASES: readonly (readonly [string, string, string])[] = [
    ['an unknown key', 'mqqt: {}', 'unknown key "mqqt"; did you mean "mqtt"?'],
    ['a key nothing is like', 'persistence: {}', 'unknown key "persistence"'],
    [
      'an unknown capability',
      'allow: { metricz: true }',
      'allow: unknown key "metricz"; did you mean "metrics"?',
    ],
    ['a key that is missing', 'listeners: { a: { type: ws } }', 'listeners.a: the key "bind" is missing'],
    ['a text for a flag', 'anonymous: "yes"', 'anonymous: expected true or false, got the text "yes"'],
    ['a list for a map', 'mqtt: []', 'mqtt: expected a map, got a list'],
    ['nothing for a map', 'mqtt:', 'mqtt: expected a map, got nothing'],
    ['a number for plugins', 'plugins: 7', 'plugins: expected a map or a list, got 7'],
    ['a fraction', 'mqtt: { receiveMaximum: 1.5 }', 'mqtt.receiveMaximum: expected an integer, got 1.5'],
    [
      'a number out of bounds',
      'mqtt: { receiveMaximum: 0 }',
      'mqtt.receiveMaximum: expected a number from 1 to 65535, got 0',
    ],
    ['an empty map', 'listeners: {}', 'listeners: expected at least 1 key, got an empty map'],
    ['an empty text', 'data: ""', 'data: expected a text that is not empty, got the text ""'],
    [
      'a path that is none',
      'listeners: { a: { type: ws, bind: "h:1", path: mqtt } }',
      'listeners.a.path: expected a path such as /mqtt, got the text "mqtt"',
    ],
    [
      'a secret that is no text, and is not repeated',
      'plugins: { gate: { use: ./gate, secrets: { pin: 123456 } } }',
      'plugins.gate.secrets.pin: expected a text of 1 to 4096 characters',
    ],
    [
      'a secret that is too long, and is not repeated',
      `plugins: { gate: { use: ./gate, secrets: { key: ${'k'.repeat(4097)} } } }`,
      'plugins.gate.secrets.key: expected a text of 1 to 4096 characters',
    ],
    [
      'too many secrets',
      `plugins: { gate: { use: ./gate, secrets: { ${SEVENTEEN.join(', ')} } } }`,
      'plugins.gate.secrets: expected at most 16 keys, got a map',
    ],
    [
      'a long text, cut',
      `anonymous: ${'x'.repeat(100)}`,
      `anonymous: expected true or false, got the text "${'x'.repeat(60)}…"`,
    ],
  ]
  for (const [what, yaml, message] of CASES) {
    it(`says what is expected and what was given: ${what}`, async () => {
      const [line] = await folder.mistakes(yaml)
      assert.equal(String(line).replace(/^broker\.yaml:\d+:\d+ /, ''), message)
    })
  }
})
