import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkManifest } from '../../../sandbox/manifest/check-manifest.ts'
import { readDeclared } from '../../../sandbox/manifest/declared-manifest.ts'
import { excess, nestsTooDeep } from '../../../sandbox/manifest/manifest-size.ts'

/** What would be seconds, or never end, must be over at once; generous, for slow machines. */
const MOST_MS = 800

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)]
}

test('plain data within the bounds is no excess', () => {
  for (const value of [undefined, 1, [], { a: [1, { b: null }] }, nested(32), Array(8000).fill(1)]) {
    assert.deepEqual(excess(value), [])
  }
})

test('too deep, or too much of it, is told in words', () => {
  for (const value of [nested(33), Array(8192).fill(1), { a: Array.from({ length: 5000 }, () => [1]) }]) {
    assert.match(String(excess(value)), /more than 8192 values or nests deeper than 32 levels/)
  }
})

test('YAML that nests is read by its brackets and by its lines', () => {
  const shallow = ['a: [[1]]', '- - - 1', 'a:\n  b:\n    c: 1', '[]'.repeat(100), '# ----------------\na: 1']
  for (const yaml of shallow) assert.equal(nestsTooDeep(yaml), false, yaml)
  for (const yaml of [
    '['.repeat(33),
    '{a: '.repeat(33),
    '- '.repeat(32),
    '? '.repeat(32),
    `]${'['.repeat(33)}`,
  ]) {
    assert.equal(nestsTooDeep(yaml), true, yaml)
  }
})

for (const [what, coded, yaml] of [
  [
    'names that are almost hooks',
    { values: {}, functions: Array.from({ length: 60_000 }, almost) },
    undefined,
  ],
  [
    'keys that are almost known',
    { values: Object.fromEntries(flood('capabilitie')), functions: [] },
    undefined,
  ],
  [
    'powers that are almost known',
    { values: { capabilities: Object.fromEntries(flood('fetch')) }, functions: [] },
  ],
  [
    'a schema deeper than the stack',
    { values: { config: nested(5000) }, functions: [] },
    'config: { type: object }',
  ],
  ['lists in lists in plugin.yaml', undefined, `hooks: ${'['.repeat(15_000)}`],
  ['lists in a line of plugin.yaml', undefined, `hooks:\n ${'- '.repeat(15_000)}`],
  ['the same hook again and again', undefined, `hooks: [${'onClose,'.repeat(3800)}]`],
  [
    'keys without end in plugin.yaml',
    undefined,
    Array.from({ length: 2900 }, (_, at) => `hook${at}:`).join('\n'),
  ],
] as const) {
  test(`a manifest of ${what} is refused at once`, () => {
    const before = process.cpuUsage()
    assert.throws(() => checkManifest(coded, readDeclared('odd', yaml, undefined)), {
      code: 'ERR_PLUGIN_MANIFEST',
    })
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1000 < MOST_MS)
  })
}

function almost(_: unknown, at: number): string {
  return `onBrokerClientConnec${at}`
}

function flood(name: string): [string, boolean][] {
  return Array.from({ length: 60_000 }, (_, at) => [`${name}${at}`, true])
}
