import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkManifest, type CodedManifest } from '../../../sandbox/manifest/check-manifest.ts'
import type { DeclaredManifest } from '../../../sandbox/manifest/declared-manifest.ts'
import type { Manifest } from '../../../sandbox/manifest/manifest.ts'

function check(coded: Partial<CodedManifest>, declared: Partial<DeclaredManifest> = {}): Manifest {
  return checkManifest({ values: {}, functions: [], ...coded }, { folder: 'gate', ...declared })
}

function refuses(
  message: RegExp,
  coded: Partial<CodedManifest>,
  declared: Partial<DeclaredManifest> = {},
): void {
  assert.throws(() => check(coded, declared), { code: 'ERR_PLUGIN_MANIFEST', message })
}

suite('what a plugin need not say', () => {
  test('its name is package.json’s, else the folder’s; its version package.json’s, else 0.0.0-dev', () => {
    assert.deepEqual(check({}), {
      name: 'gate',
      version: '0.0.0-dev',
      api: 1,
      for: 'broker',
      hooks: [],
      capabilities: {},
    })
    const { name, version } = check({}, { packageName: '@me/gate', packageVersion: '1.2.3-beta.1' })
    assert.deepEqual([name, version], ['@me/gate', '1.2.3-beta.1'])
  })

  test('a folder may be called anything; the name in logs is made printable', () => {
    assert.equal(check({}, { folder: '..\u001b[31m gate' }).name, '31m-gate')
    assert.equal(check({}, { folder: '…' }).name, 'plugin')
  })

  test('its hooks are its functions, in the order of their numbers; setup is none', () => {
    const { hooks } = check({ functions: ['onClose', 'setup', 'authorizePublish', 'authenticate'] })
    assert.deepEqual(hooks, ['authenticate', 'authorizePublish', 'onClose'])
  })
})

suite('what stands in the code and in plugin.yaml', () => {
  test('must agree; the order of hooks and keys does not matter', () => {
    const config = { type: 'object', properties: {} }
    const manifest = check(
      { values: { config, version: '1' }, functions: ['onClose', 'authenticate'] },
      {
        yaml: {
          main: 'x.ts',
          hooks: ['onClose', 'authenticate'],
          config: { properties: {}, type: 'object' },
          name: 'y',
        },
      },
    )
    assert.deepEqual([manifest.name, manifest.version], ['y', '1'])
  })

  test('is refused where it differs, with both values', () => {
    const yaml = { version: '2', capabilities: {}, hooks: ['onClose'] }
    refuses(
      /version is stated twice, and not alike: plugin\.yaml says "2", the code "1"/,
      { values: { version: '1' } },
      { yaml },
    )
    refuses(/capabilities is stated twice/, { values: { capabilities: { log: true } } }, { yaml })
    refuses(
      /hooks is stated twice, .* \["onClose"\], the code \["authenticate"\]/,
      { functions: ['authenticate'] },
      { yaml },
    )
  })

  test('without a probe it is plugin.yaml’s word', () => {
    const yaml = { hooks: ['authenticate'], capabilities: { password: true } }
    const manifest = checkManifest(undefined, { folder: 'gate', yaml })
    assert.deepEqual(manifest.hooks, ['authenticate'])
    assert.deepEqual(manifest.capabilities, { password: true })
  })
})

suite('a mistake is named, and what was meant', () => {
  test('a hook that nobody asks', () =>
    refuses(/hook "authorizePublsh" is unknown; did you mean "authorizePublish"\?/, {
      functions: ['authorizePublsh'],
    }))
  test('a hook that is no function', () =>
    refuses(/definePlugin: authenticate must be a function/, { values: { authenticate: true } }))
  test('a key', () =>
    refuses(/key "capabilites" is unknown; did you mean "capabilities"\?/, { values: { capabilites: {} } }))
  test('a key of plugin.yaml, which says so', () =>
    refuses(/gate: plugin\.yaml: key "hook" is unknown; did you mean "hooks"\?/, {}, { yaml: { hook: [] } }))
  test('a hook of plugin.yaml', () =>
    refuses(/hooks\.0: "onclose" is unknown; did you mean "onClose"\?/, {}, { yaml: { hooks: ['onclose'] } }))
  test('a capability', () =>
    refuses(/capability "lgo" is unknown; did you mean "log"\?/, { values: { capabilities: { lgo: true } } }))
  test('a capability that is asked for in the wrong way', () =>
    refuses(/capabilities\.log: expected true, got false/, { values: { capabilities: { log: false } } }))
  test('an api of the future', () => refuses(/api: expected 1, got 2/, { values: { api: 2 } }))
  test('a name that would spoil a log', () =>
    refuses(/name: must match pattern/, { values: { name: 'a\nb' } }))
  test('all mistakes at once', () => refuses(/api.*for: "x" is unknown/, { values: { api: 2, for: 'x' } }))
})

suite('what has the right shape and still cannot be', () => {
  test('topicFiltering beside a sharper hook: both would answer one question', () => {
    for (const sharper of ['authorizePublish', 'authorizeSubscribe', 'authorizeReceive']) {
      refuses(new RegExp(`topicFiltering and ${sharper} answer the same question`), {
        functions: ['topicFiltering', sharper],
      })
    }
    assert.deepEqual(check({ functions: ['topicFiltering', 'authenticate'] }).hooks, [
      'authenticate',
      'topicFiltering',
    ])
  })

  test('a client plugin with a broker’s hook', () => {
    const values = { for: 'client' }
    refuses(/for: client has the packet hooks alone, not authenticate/, {
      values,
      functions: ['authenticate'],
    })
    const functions = ['onMqttPacketSent', 'onMqttPacketReceived', 'onClose']
    assert.equal(check({ values, functions }).for, 'client')
  })

  test('a config schema outside the safe subset', () =>
    refuses(/config\.properties\.a: "pattern" is outside the schema subset/, {
      values: { config: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } } },
    }))
})
