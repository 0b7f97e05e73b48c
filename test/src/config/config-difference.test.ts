import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { configDifference } from '../../../src/config/config-difference.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate')
folder.write('gate/plugin.ts', '')

const BEFORE = `
drainSec: 5
databases: { users: { type: sqlite, file: ./u.db, queries: {} } }
tenants:
  acme:
    match: { usernamePrefix: "acme:" }
    quotas: { connections: 10 }
    settings: { region: north, apiToken: hush-hush }
    plugins: { ./gate: { config: { mode: open } } }
  zoo: { match: { usernamePrefix: "zoo:" } }
`

/** What `after` says otherwise, without the folder. */
async function changes(after: string, before = BEFORE, env = {}): Promise<string[]> {
  const [was, is] = [await folder.load(before, env), await folder.load(after, env)]
  return configDifference(was, is).map(({ what, key, place = '-', before: old, after: now, needsRestart }) =>
    [what, key, place.replace(`${folder.path}/`, ''), old, now, needsRestart ? 'restart' : '']
      .filter((word) => word !== '' && word !== undefined)
      .join(' '),
  )
}

test('a config differs in nothing from itself', async () => {
  assert.deepEqual(await changes(BEFORE), [])
})

test('what changed is told with what it was and where it stands; tenants need no restart', async () => {
  const after = BEFORE.replace('connections: 10', 'connections: 9').replace('drainSec: 5', 'drainSec: 6')
  assert.deepEqual(await changes(after), [
    'changed drainSec broker.yaml:2:11 5 6 restart',
    'changed tenants.acme.quotas.connections broker.yaml:7:28 10 9',
  ])
})

test('what comes and goes is told once, and so is the order in which tenants are matched', async () => {
  const zoo = '  zoo: { match: { usernamePrefix: "zoo:" } }\n'
  assert.deepEqual(await changes(BEFORE.replace(zoo, '')), ['removed tenants.zoo -'])
  assert.deepEqual(await changes(BEFORE, BEFORE.replace(zoo, '')), ['added tenants.zoo broker.yaml:10:8'])
  const first = BEFORE.replace(zoo, '').replace('tenants:\n', `tenants:\n${zoo}`)
  assert.deepEqual(await changes(first), ['changed tenants (order) - acme, zoo zoo, acme'])
})

test('nothing that plugins are given is shown, nor what came from the environment', async () => {
  const open = await changes(BEFORE.replace('mode: open', 'mode: shut').replace('hush-hush', 'other-word'))
  const settings = BEFORE.replace('region: north', 'region: "${REGION}"')
  const all = [...open, ...(await changes(settings, BEFORE, { REGION: 'south-of-all' }))].join('\n')
  assert.equal(open.length, 2)
  assert.match(all, /\*{8} \*{8}/)
  assert.doesNotMatch(all, /open|shut|hush|other-word|south/)
})

for (const [key, before, after, restart] of [
  ['listeners', '', 'listeners: { mqtt: { type: tcp, bind: "127.0.0.1:1999" } }', true],
  ['data', '', 'data: ./data', true],
  ['sandbox.limits.heapMiB', '', 'sandbox: { limits: { heapMiB: 20 } }', false],
  ['sandbox.jail', '', 'sandbox: { jail: minimal }', true],
  ['anonymous', 'anonymous: false', 'anonymous: true', false],
  ['mqtt.maximumQos', '', 'mqtt: { maximumQos: 1 }', true],
] as const)
  test(`${key} ${restart ? 'needs a' : 'needs no'} restart`, async () => {
    const told = (await changes(`${after}\n`, `${before}\n`)).filter((line) => line.includes(` ${key}`))
    assert.ok(told.length > 0)
    assert.deepEqual(new Set(told.map((line) => line.endsWith(' restart'))), new Set([restart]))
  })

const side = (effective: Record<string, unknown>) => ({
  effective,
  origins: new Map(),
  secrets: new Set<string>(),
})

test('whatever two maps say, they are told apart exactly where they differ', () => {
  const plain = { noNullPrototype: true }
  const inner = fc.dictionary(fc.constantFrom('x', 'y'), fc.nat(1), plain)
  const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.nat(2), inner), plain)
  fc.assert(
    fc.property(map, map, (one, other) => {
      const told = configDifference(side(one), side(other))
      assert.equal(told.length === 0, isDeepStrictEqual(one, other))
      const back = configDifference(side(other), side(one))
      assert.deepEqual(new Set(told.map(({ key }) => key)), new Set(back.map(({ key }) => key)))
    }),
  )
})
