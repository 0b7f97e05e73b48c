import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { BulkheadError } from '../../../src/base/errors.ts'
import type { BrokerConfig } from '../../../src/config/broker-config.ts'
import { type LoadedConfig, loadConfig } from '../../../src/config/load-config.ts'

let folder: string
let file: string

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-config-'))
  file = path.join(folder, 'broker.yaml')
  for (const plugin of ['gate', 'plugins/gate', 'module/submodule/file', 'v1.2.gate']) {
    await mkdir(path.join(folder, plugin), { recursive: true })
  }
})

after(() => rm(folder, { recursive: true }))

async function load(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
  await writeFile(file, yaml)
  return loadConfig(file, env)
}

/** The lines of a refusal, without the folder of the config. */
async function mistakes(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const error: unknown = await load(yaml, env).then(
    () => assert.fail('the config was accepted'),
    (refusal: unknown) => refusal,
  )
  assert.ok(error instanceof BulkheadError, String(error))
  return error.message.replaceAll(`${folder}/`, '').split('\n')
}

function onlyTenant({ config }: LoadedConfig): BrokerConfig['tenants'][number] {
  assert.equal(config.tenants.length, 1)
  return config.tenants[0] ?? assert.fail()
}

describe('a config full of mistakes', () => {
  it('is refused with all of them, each with its line and column, the nearest key, what is expected and what was given', async () => {
    const lines = await mistakes(`listners: {}
listeners:
  mqtt: { type: tpc, bind: "127.0.0.1:1883" }
  web: { type: ws, bind: "8083" }
  late: { type: tcp }
mqtt:
  receiveMaximum: many
  maximumPacketSize: 10 MB
  recieveMaximum: 7
  maximumQos: 3
  retainAvailable: yes
anonymous: true
tenants:
  acme:
    match: { listener: nope, usernamePrefix: "acme:" }
    quotas: { connections: 0, messagesPerSec: lots }
    plugins:
      ./gone: {}
      gate: { use: ./gate, capabilites: {}, onFault: { authenticate: allow } }
      ./gate: { key: "\${NOT_SET}" }
    allow: { fetsh: true }
  nobody: {}
sandbox: { jail: hard, limits: { heapMiB: 1 } }
`)
    const bind = 'expected HOST:PORT such as 127.0.0.1:1883, [::1]:1883 or 0.0.0.0:1883'
    assert.deepEqual(lines, [
      'broker.yaml:1:1 unknown key "listners"; did you mean "listeners"?',
      'broker.yaml:3:17 listeners.mqtt.type: expected tcp or ws, got the text "tpc"; did you mean "tcp"?',
      `broker.yaml:4:26 listeners.web.bind: ${bind}, got the text "8083"`,
      'broker.yaml:5:3 listeners.late: the key "bind" is missing',
      'broker.yaml:7:19 mqtt.receiveMaximum: expected an integer, got the text "many"',
      'broker.yaml:8:22 mqtt.maximumPacketSize: expected a size such as 65536, 64KiB, 10MiB or 1GiB from 64 to 268435455, got the text "10 MB"',
      'broker.yaml:9:3 mqtt: unknown key "recieveMaximum"; did you mean "receiveMaximum"?',
      'broker.yaml:10:15 mqtt.maximumQos: expected 0, 1 or 2, got 3',
      'broker.yaml:11:20 mqtt.retainAvailable: expected true or false, got the text "yes"',
      'broker.yaml:12:1 with "tenants:", "anonymous" belongs to a tenant: move it to tenants.NAME.anonymous',
      'broker.yaml:15:24 tenants.acme.match.listener: there is no listener "nope", only mqtt, web, late',
      'broker.yaml:16:28 tenants.acme.quotas.connections: expected a number of at least 1, got 0',
      'broker.yaml:16:47 tenants.acme.quotas.messagesPerSec: expected unlimited, or an integer of at least 1, got the text "lots"',
      `broker.yaml:18:7 tenants.acme.plugins: no plugin at "./gone": paths are relative to ${folder}`,
      'broker.yaml:19:28 tenants.acme.plugins.gate: unknown key "capabilites"; did you mean "capabilities"?',
      "broker.yaml:19:70 tenants.acme.plugins.gate.onFault.authenticate: `allow` needs the tenant's allowFailOpen: true",
      'broker.yaml:20:22 tenants.acme.plugins../gate.key: the environment variable NOT_SET is not set',
      'broker.yaml:21:14 tenants.acme.allow: unknown key "fetsh"; did you mean "fetch"?',
      'broker.yaml:22:3 tenants: the tenant "nobody" can never be reached: it has no "match", and only the tenant "default" may do without',
      'broker.yaml:23:18 sandbox.jail: expected auto, strict or minimal, got the text "hard"',
      'broker.yaml:23:43 sandbox.limits.heapMiB: expected a number from 8 to 1024, got 1',
    ])
  })

  it('names the same mistakes without places when it is an object', async () => {
    const source = { listners: {}, mqtt: { receiveMaximum: 'many' }, plugins: { './gone': new Map() } }
    await assert.rejects(loadConfig(source, {}), (error: BulkheadError) => {
      assert.equal(error.code, 'ERR_CONFIG_INVALID')
      assert.deepEqual(error.message.split('\n'), [
        'plugins../gone: expected plain data: maps, lists, texts, numbers, true, false, null',
      ])
      return true
    })
    const { './gone': _, ...plugins } = source.plugins
    await assert.rejects(loadConfig({ ...source, plugins }, {}), {
      message: [
        'unknown key "listners"; did you mean "listeners"?',
        'mqtt.receiveMaximum: expected an integer, got the text "many"',
      ].join('\n'),
    })
  })
})

describe('YAML that is none', () => {
  const CASES: Readonly<Record<string, readonly [string, string]>> = {
    'a doubled key': ['mqtt: {}\nmqtt: {}\n', '2:1 Map keys must be unique'],
    'a tab': ['mqtt:\n\treceiveMaximum: 1\n', '2:1 Tabs are not allowed as indentation'],
    'an unknown tag': ['data: !secret x\n', '1:7 Unresolved tag: !secret'],
    'an anchor that is not there': ['data: *x\n', '1:7 there is no anchor "x"'],
    'a map as a key': ['{ a: b }: c\n', '1:1 a key must be a plain word, number or quoted text'],
    'a key that would set a prototype': [
      'settings: { __proto__: {} }\n',
      '1:13 the key "__proto__" is not allowed',
    ],
  }
  for (const [what, [yaml, line]] of Object.entries(CASES)) {
    it(`is refused with its line and column: ${what}`, async () => {
      assert.ok((await mistakes(yaml)).includes(`broker.yaml:${line}`), String(await mistakes(yaml)))
      await assert.rejects(load(yaml), { code: 'ERR_CONFIG_SYNTAX' })
    })
  }

  it('does not unfold: aliases of aliases are counted each time', async () => {
    const laughs = Array.from(
      { length: 9 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`,
    )
    const [line] = await mistakes(
      ['settings:', '  l0: &l0 ha', ...laughs.map((text) => `  ${text}`)].join('\n'),
    )
    assert.match(String(line), /the config is too deep or too large$/)
  })

  it('is a list or a word at top level', async () => {
    assert.deepEqual(await mistakes('- mqtt\n'), [
      'broker.yaml:1:1 expected a map of keys such as "listeners:"',
    ])
  })
})

describe('a file that cannot be read', () => {
  it('is ERR_CONFIG_READ, and says which', async () => {
    await assert.rejects(loadConfig(path.join(folder, 'none.yaml'), {}), {
      code: 'ERR_CONFIG_READ',
      message: /none\.yaml/,
    })
  })
})

describe('defaults', () => {
  it('fill in everything: loopback listeners, one tenant that admits nobody', async () => {
    const loaded = await load('')
    assert.deepEqual(
      loaded.config.listeners.map(({ name, type, host, port }) => [name, type, host, port]),
      [
        ['mqtt', 'tcp', '127.0.0.1', 1883],
        ['web', 'ws', '127.0.0.1', 8083],
      ],
    )
    const tenant = onlyTenant(loaded)
    assert.deepEqual([tenant.name, tenant.anonymous, tenant.topicDefault], ['default', false, 'allow'])
    assert.equal(tenant.quotas.connections, Number.POSITIVE_INFINITY)
    assert.match(String(loaded.warnings), /nobody can connect to the tenant "default"/)
  })

  it('of a named tenant are bounds that a stranger can live with', async () => {
    const { quotas } = onlyTenant(
      await load('tenants: { acme: { match: { usernamePrefix: a }, anonymous: true } }'),
    )
    assert.deepEqual([quotas.connections, quotas.queuedMessages, quotas.inflightMessages], [1000, 1000, 32])
    assert.equal(quotas.retainedBytes, 64 * 1024 ** 2)
  })

  it('grant what stays inside the tenant, and neither password nor fetch nor brokerConfig', async () => {
    const { allow } = onlyTenant(await load('anonymous: true'))
    assert.equal(allow.kv, true)
    assert.deepEqual([allow.password, allow.fetch, allow.brokerConfig], [undefined, undefined, undefined])
  })

  it('are no different from being written down: the effective config loads as the same config', async () => {
    const { config, effective } = await load('anonymous: true\nplugins: { ./gate: { a: [1, null] } }')
    assert.deepEqual((await load(JSON.stringify(effective))).config, config)
  })
})

describe('the same config as an object', () => {
  it('is the same config', async () => {
    const yaml = `listeners: { mqtt: { type: tcp, bind: "[::1]:0" } }
mqtt: { receiveMaximum: 7, maximumPacketSize: 64KiB, onRefusedPublish: close }
sandbox: { jail: minimal, jit: true, limits: { waitMs: { authenticate: 10 } } }
tenants:
  acme: { match: { usernamePrefix: "acme:" }, quotas: { bytesPerSec: 1MiB }, settings: { any: [thing] } }
  default: { anonymous: true, sandbox: { jit: false } }
`
    const fromFile = (await load(yaml)).config
    const fromObject = (await loadConfig(parse(yaml) as Record<string, unknown>, {})).config
    assert.deepEqual({ ...fromObject, file: fromFile.file, baseDir: folder }, fromFile)
    assert.deepEqual(
      fromFile.listeners.map(({ host, port }) => [host, port]),
      [['::1', 0]],
    )
    assert.deepEqual(
      fromFile.tenants.map(({ jit, limits }) => [jit, limits.waitMs]),
      [
        [true, { authenticate: 10, authorize: 1000 }],
        [false, { authenticate: 10, authorize: 1000 }],
      ],
    )
  })

  it('is not changed, and not held on to', async () => {
    const source = Object.freeze({ anonymous: true, settings: { words: ['one'] } })
    const { config } = await loadConfig(source, {})
    source.settings.words.push('two')
    assert.deepEqual(config.tenants[0]?.settings, { words: ['one'] })
    assert.deepEqual(Object.keys(source), ['anonymous', 'settings'])
  })
})

describe('the demo', () => {
  it('listens on loopback, admits anybody, and has the examples decide', async () => {
    const loaded = await loadConfig(undefined, {})
    assert.equal(loaded.config.demo, true)
    assert.ok(loaded.config.listeners.every(({ host }) => host === '127.0.0.1'))
    const tenant = onlyTenant(loaded)
    assert.equal(tenant.anonymous, true)
    assert.deepEqual(
      tenant.plugins.map(({ name }) => name),
      ['topic-acl', 'event-logger'],
    )
  })

  it('does not leave loopback: anonymous clients are allowed there and nowhere else', async () => {
    await assert.rejects(loadConfig(undefined, { BULKHEAD_LISTENERS__MQTT__BIND: '0.0.0.0:1883' }), {
      message: /^BULKHEAD_LISTENERS__MQTT__BIND listeners\.mqtt\.bind: the demo admits anybody/,
    })
  })
})

describe('plugins', () => {
  const plugins = async (
    yaml: string,
  ): Promise<readonly (readonly [string, string, string | undefined, unknown])[]> =>
    onlyTenant(await load(`anonymous: true\nplugins:\n${yaml}`)).plugins.map((plugin) => [
      plugin.name,
      path.relative(folder, plugin.path),
      plugin.exportName,
      plugin.options,
    ])

  it('are a map of paths to options, relative to the config file; no value means no options', async () => {
    assert.deepEqual(await plugins('  ./plugins/gate: { users: [alice] }\n  v1.2.gate:\n'), [
      ['gate', 'plugins/gate', undefined, { users: ['alice'] }],
      ['v1.2.gate', 'v1.2.gate', undefined, {}],
    ])
  })

  it('are a list of names', async () => {
    assert.deepEqual(await plugins('  - ./plugins/gate\n  - module.submodule.file.OneClass\n'), [
      ['gate', 'plugins/gate', undefined, {}],
      ['module.submodule.file.OneClass', 'module/submodule/file', 'OneClass', {}],
    ])
  })

  it('have a long form, by which one folder may be loaded twice', async () => {
    const yaml = '  one: { use: ./gate, config: { n: 1 } }\n  two: { use: ./gate, config: { n: 2 } }\n'
    assert.deepEqual(await plugins(yaml), [
      ['one', 'gate', undefined, { n: 1 }],
      ['two', 'gate', undefined, { n: 2 }],
    ])
  })

  it('are called by their whole path where the last part is taken', async () => {
    const names = (await plugins('  ./gate: {}\n  ./plugins/gate: {}\n')).map(([name]) => name)
    assert.deepEqual(names, ['./gate', './plugins/gate'])
  })

  it('that are not there are ERR_PLUGIN_NOT_FOUND', async () => {
    await assert.rejects(load('plugins: { a.b.C: {} }'), { code: 'ERR_PLUGIN_NOT_FOUND' })
  })

  it('are at most as many as the limit says', async () => {
    const lines = await mistakes(
      'sandbox: { limits: { plugins: 1 } }\nplugins: { ./gate: {}, ./plugins/gate: {} }',
    )
    assert.deepEqual(lines, ['broker.yaml:2:1 2 plugins, but sandbox.limits.plugins is 1'])
  })

  it("are granted their tenant's capabilities, narrowed by their own, and never more", async () => {
    const yaml = (capabilities: string): string =>
      `allow: { fetch: { hosts: [a, b] } }\nplugins: { gate: { use: ./gate, capabilities: ${capabilities} } }`
    const [plugin] = onlyTenant(await load(yaml('{ fetch: { hosts: [a] }, kv: false }'))).plugins
    assert.deepEqual(plugin?.allow.fetch, { hosts: ['a'] })
    assert.equal(plugin?.allow.kv, undefined)
    assert.deepEqual(await mistakes(yaml('{ fetch: { hosts: [c] }, password: true }')), [
      "broker.yaml:2:56 plugins.gate.capabilities.fetch: wider than the tenant's `allow`",
      "broker.yaml:2:82 plugins.gate.capabilities.password: the tenant does not allow it; name it in the tenant's `allow`",
    ])
  })
})

describe("a tenant's limits", () => {
  it("are the operator's where it says nothing, and at most the operator's", async () => {
    const yaml = (limits: string): string =>
      `sandbox: { limits: { heapMiB: 16 } }\ntenants: { default: { anonymous: true, sandbox: { limits: ${limits} } } }`
    const { limits } = onlyTenant(await load(yaml('{ softMs: 20 }')))
    assert.deepEqual([limits.heapMiB, limits.softMs, limits.plugins], [16, 20, 8])
    assert.deepEqual(await mistakes(yaml('{ heapMiB: 32, waitMs: { authorize: 2000 } }')), [
      "broker.yaml:2:70 tenants.default.sandbox.limits.heapMiB: expected at most 16, the operator's own limit, got 32",
      "broker.yaml:2:95 tenants.default.sandbox.limits.waitMs.authorize: expected at most 1000, the operator's own limit, got 2000",
    ])
  })
})

describe('data', () => {
  it('is accepted with a warning while there is nothing but memory', async () => {
    const { config, warnings } = await load('anonymous: true\ndata: ./data')
    assert.equal(config.data, './data')
    assert.deepEqual(warnings, ['"data": durability comes later; everything is kept in memory'])
  })
})
