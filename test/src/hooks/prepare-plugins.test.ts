import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, type PluginHost, type PluginSource } from '../../../sandbox/index.ts'
import { BulkheadError, type ErrorCode } from '../../../src/base/errors.ts'
import { preparePlugins } from '../../../src/hooks/prepare-plugins.ts'

/** A host for which preparing the plugin of a name fails as told; what is not named succeeds. */
function hostWith(failures: Readonly<Record<string, Error>>): Pick<PluginHost, 'prepare'> {
  return {
    prepare: ({ name }) => {
      const failure = failures[name]
      if (failure !== undefined) return Promise.reject(failure)
      return Promise.resolve({
        name,
        bundle: null,
        config: { made: name },
        capabilities: { log: true },
        secrets: {},
      })
    },
  }
}

function sources(...names: readonly string[]): PluginSource[] {
  return names.map((name) => ({ name, path: `/plugins/${name}`, options: {}, allow: {} }))
}

function prepare(failures: Readonly<Record<string, Error>>, ...names: readonly string[]): Promise<unknown> {
  return preparePlugins(hostWith(failures) as PluginHost, sources(...names), DEFAULT_LIMITS)
}

function failing(code: ErrorCode, text: string): BulkheadError {
  return new BulkheadError(code, text)
}

test('what was prepared comes back in the declared order', async () => {
  assert.deepEqual(await prepare({}, 'b', 'a'), {
    prepared: [
      { name: 'b', bundle: null, config: { made: 'b' }, capabilities: { log: true }, secrets: {} },
      { name: 'a', bundle: null, config: { made: 'a' }, capabilities: { log: true }, secrets: {} },
    ],
    failed: [],
  })
})

for (const code of [
  'ERR_PLUGIN_BUILD',
  'ERR_PLUGIN_MANIFEST',
  'ERR_PLUGIN_LOAD',
  'ERR_CELL',
] as const satisfies readonly ErrorCode[]) {
  test(`${code} is the plugin's own: it stays declared, so that its tenant is closed`, async () => {
    const error = failing(code, 'broken')
    assert.deepEqual(await prepare({ bad: error }, 'good', 'bad'), {
      prepared: [
        { name: 'good', bundle: null, config: { made: 'good' }, capabilities: { log: true }, secrets: {} },
        { name: 'bad', bundle: null, config: {}, capabilities: {}, secrets: {}, unasked: [] },
      ],
      failed: [{ name: 'bad', error }],
    })
  })
}

for (const code of [
  'ERR_PLUGIN_NOT_FOUND',
  'ERR_PLUGIN_CONFIG',
  'ERR_PLUGIN_CAPABILITY',
] as const satisfies readonly ErrorCode[]) {
  test(`${code} is the operator's mistake: it stops the start`, async () => {
    await assert.rejects(prepare({ bad: failing(code, 'mistaken') }, 'good', 'bad'), {
      name: 'BulkheadError',
      code,
      message: 'mistaken',
    })
  })
}

test("all of the operator's mistakes are told at once, the plugins' own are not among them", async () => {
  const failures = {
    one: failing('ERR_PLUGIN_CONFIG', 'one is mistyped'),
    two: failing('ERR_PLUGIN_BUILD', 'two does not build'),
    three: failing('ERR_PLUGIN_CAPABILITY', 'three asks for too much'),
  }
  await assert.rejects(prepare(failures, 'one', 'two', 'three'), {
    code: 'ERR_PLUGIN_CONFIG',
    message: 'one is mistyped\nthree asks for too much',
  })
})

test('an error that is not from the registry is our own bug and is not swallowed', async () => {
  const bug = new TypeError('broken invariant')
  await assert.rejects(prepare({ one: bug }, 'one'), bug)
})
