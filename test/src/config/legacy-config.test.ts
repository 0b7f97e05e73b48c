import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ASKERS } from '../../../sandbox/index.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('plugins/gate', 'plugins/acl', 'plugins/log')
folder.write(
  'package.json',
  JSON.stringify({
    bulkhead: {
      plugins: {
        'mypackage.mymodule.plugins': { gate: './plugins/gate', acl: './plugins/acl', log: './plugins/log' },
      },
    },
  }),
)
const NAMESPACE = 'pluginNamespace: mypackage.mymodule.plugins\n'
const TOPICS = ASKERS.filter((hook) => hook !== 'authenticate')

/** Who is asked to authenticate, and who about topics; all are loaded. */
async function asked(yaml: string): Promise<readonly [readonly string[], readonly string[]]> {
  const { plugins } = await folder.tenant(NAMESPACE + yaml)
  assert.deepEqual(
    plugins.map(({ name }) => name),
    ['gate', 'acl', 'log'],
  )
  const who = (hooks: readonly (typeof ASKERS)[number][]): string[] =>
    plugins
      .filter(({ unasked = [] }) => !hooks.some((hook) => unasked.includes(hook)))
      .map(({ name }) => name)
  return [who(['authenticate']), who(TOPICS)]
}

async function granted(yaml: string): Promise<unknown> {
  return (await folder.tenant(NAMESPACE + yaml)).plugins[0]?.allow.password
}

function clash(key: string): string {
  return `auth: { plugins: [] }\n${key}`
}

describe("aMQTT's older form", () => {
  it('loads every plugin of the namespace, and its lists choose who is asked', async () => {
    const yaml = 'auth: { plugins: [gate] }\ntopic-check: { enable: True, plugins: [acl] }'
    assert.deepEqual(await asked(yaml), [['gate'], ['acl']])
  })

  it('does not ask a plugin about topics that is named under auth alone', async () => {
    assert.deepEqual(await asked('auth: { plugins: [gate, acl] }'), [['gate', 'acl'], []])
  })

  it('asks all where a list is absent, nobody where it is empty or its section is absent', async () => {
    const all = ['gate', 'acl', 'log']
    assert.deepEqual(await asked('auth: {}\ntopic-check: { enabled: true }'), [all, all])
    assert.deepEqual(await asked('auth: { plugins: [] }\ntopic-check: { enabled: true, plugins: [] }'), [
      [],
      [],
    ])
    assert.deepEqual(await asked(''), [[], []])
  })
})

describe("aMQTT's older form: topics", () => {
  it('denies what nobody decides where topics are checked, and asks nobody where they are not', async () => {
    const checked = `${NAMESPACE}topic-check: { enabled: true, plugins: [] }`
    assert.equal((await folder.tenant(checked)).topicDefault, 'deny')
    const unchecked = 'topic-check: { enabled: False, plugins: [acl] }'
    assert.deepEqual(await asked(unchecked), [[], []])
    assert.equal((await folder.tenant(NAMESPACE + unchecked)).topicDefault, 'allow')
  })

  it('reads enable and enabled, warns of neither, refuses both where they differ', async () => {
    const { warnings } = await folder.load(`${NAMESPACE}topic-check: { plugins: [acl] }`)
    assert.match(warnings.join(), /neither "enable" nor "enabled": topics are checked/)
    const both = (enabled: boolean): string =>
      `${NAMESPACE}topic-check: { enable: true, enabled: ${enabled} }`
    assert.deepEqual((await folder.load(both(true))).warnings, [])
    assert.deepEqual(await folder.mistakes(both(false)), [
      'broker.yaml:2:30 topic-check: "enable" and "enabled" contradict each other',
    ])
  })
})

describe("aMQTT's older form: options", () => {
  it("gives all plugins the options of both sections, without the broker's own keys", async () => {
    const { plugins } = await folder.tenant(
      `${NAMESPACE}auth: { plugins: [gate], allow-anonymous: false }\n` +
        'topic-check: { enable: true, acl: { a: [b] } }',
    )
    for (const { options, sharesOptions } of plugins) {
      assert.deepEqual(options, { allow_anonymous: false, acl: { a: ['b'] } })
      assert.equal(sharesOptions, true)
    }
  })

  it('refuses an option that is given twice, and differs', async () => {
    const twice = 'auth: { super-users: [a] }\ntopic-check: { enable: true, super_users: [b] }'
    assert.deepEqual(await folder.mistakes(NAMESPACE + twice), [
      'broker.yaml:3:30 topic-check: "super_users" is given twice, and differs',
    ])
    await folder.tenant(NAMESPACE + twice.replace('[b]', '[a]'))
  })

  it('lets its plugins see passwords, as they do there, unless the operator says otherwise', async () => {
    assert.equal(await granted('auth: { plugins: [gate] }'), true)
    assert.equal(await granted('auth: { plugins: [gate] }\nallow: { password: false }'), undefined)
  })
})

describe("aMQTT's older form: mistakes", () => {
  it('names an alias that is not there, with the nearest', async () => {
    assert.deepEqual(await folder.mistakes(`${NAMESPACE}auth: { plugins: [gaet, none] }`), [
      'broker.yaml:2:19 auth.plugins.0: ' +
        'there is no plugin "gaet" in the namespace mypackage.mymodule.plugins; did you mean "gate"?',
      'broker.yaml:2:25 auth.plugins.1: ' +
        'there is no plugin "none" in the namespace mypackage.mymodule.plugins, only gate, acl, log',
    ])
  })

  it('cannot stand with plugins, tenants, or what would open a list that is empty', async () => {
    const older = 'cannot stand with aMQTT\'s older form: "auth"'
    assert.deepEqual(await folder.mistakes(clash('plugins: {}')), [`broker.yaml:2:1 "plugins" ${older}`])
    assert.deepEqual(await folder.mistakes(clash('anonymous: true')), [
      `broker.yaml:2:1 "anonymous" ${older}`,
    ])
    assert.deepEqual(await folder.mistakes(clash('tenants: { default: {} }')), [
      `broker.yaml:2:1 "tenants" ${older}`,
    ])
    assert.match(
      String(await folder.mistakes('topic-check: {}\ntopicDefault: allow')),
      /"topicDefault" cannot/,
    )
    assert.match(String(await folder.mistakes(`${NAMESPACE}plugins: {}`)), /form: "pluginNamespace"$/)
  })

  it("takes the namespace that the caller chooses, before the config's own", async () => {
    const file = folder.write('broker.yaml', 'pluginNamespace: other\nauth: { plugins: [gate] }')
    const { config } = await loadConfig(file, {}, 'mypackage.mymodule.plugins')
    assert.equal(config.tenants[0]?.plugins.length, 3)
    await assert.rejects(loadConfig(file, {}), /there is no plugin namespace "other"/)
  })

  it('reads sys_interval, and says what it is called here', async () => {
    const { warnings, config } = await folder.load(`${NAMESPACE}sys_interval: 20`)
    assert.match(warnings.join(), /sys_interval.*sys: \{ intervalSec/)
    assert.equal(config.sys.intervalSec, 20)
  })
})
