import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { BIND_EXPECTED } from '../../../src/config/bind-address.ts'
import { BulkheadError } from '../../../src/base/errors.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate')

const FULL_OF_MISTAKES = `listners: {}
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
`

function saysNoPluginThere(line: string): boolean {
  return line.includes('no plugin at')
}

describe('a config full of mistakes', () => {
  it('is refused with all of them: place, nearest key, what is expected and what was given', async () => {
    const bind = `expected ${BIND_EXPECTED}`
    const size = 'expected a size such as 65536, 64KiB, 10MiB or 1GiB from 20 to 268435455'
    const tenantNobody = 'the tenant "nobody" can never be reached: it has no "match"'
    assert.deepEqual(await folder.mistakes(FULL_OF_MISTAKES), [
      'broker.yaml:1:1 unknown key "listners"; did you mean "listeners"?',
      'broker.yaml:3:17 listeners.mqtt.type: expected tcp or ws, got the text "tpc"; did you mean "tcp"?',
      `broker.yaml:4:26 listeners.web.bind: ${bind}, got the text "8083"`,
      'broker.yaml:5:3 listeners.late: the key "bind" is missing',
      'broker.yaml:7:19 mqtt.receiveMaximum: expected an integer, got the text "many"',
      `broker.yaml:8:22 mqtt.maximumPacketSize: ${size}, got the text "10 MB"`,
      'broker.yaml:9:3 mqtt: unknown key "recieveMaximum"; did you mean "receiveMaximum"?',
      'broker.yaml:10:15 mqtt.maximumQos: expected 0, 1 or 2, got 3',
      'broker.yaml:11:20 mqtt.retainAvailable: expected true or false, got the text "yes"',
      'broker.yaml:12:1 with "tenants:", "anonymous" belongs to a tenant: move it to tenants.NAME.anonymous',
      'broker.yaml:15:24 tenants.acme.match.listener: there is no listener "nope", only mqtt, web, late',
      'broker.yaml:16:28 tenants.acme.quotas.connections: expected a number of at least 1, got 0',
      'broker.yaml:16:47 tenants.acme.quotas.messagesPerSec: ' +
        'expected unlimited, or an integer of at least 1, got the text "lots"',
      `broker.yaml:18:7 tenants.acme.plugins: no plugin at "./gone": paths are relative to ${folder.path}`,
      'broker.yaml:19:28 tenants.acme.plugins.gate: unknown key "capabilites"; did you mean "capabilities"?',
      'broker.yaml:19:70 tenants.acme.plugins.gate.onFault.authenticate: ' +
        "`allow` needs the tenant's allowFailOpen: true",
      'broker.yaml:20:22 tenants.acme.plugins../gate.key: the environment variable NOT_SET is not set',
      'broker.yaml:21:14 tenants.acme.allow: unknown key "fetsh"; did you mean "fetch"?',
      `broker.yaml:22:3 tenants: ${tenantNobody}, and only the tenant "default" may do without`,
      'broker.yaml:23:18 sandbox.jail: expected auto, strict or minimal, got the text "hard"',
      'broker.yaml:23:43 sandbox.limits.heapMiB: expected a number from 8 to 1024, got 1',
    ])
  })

  it('names the same mistakes, without places, when it is an object', async () => {
    const written = parse(FULL_OF_MISTAKES) as Record<string, unknown>
    const inFile = await folder.mistakes(FULL_OF_MISTAKES)
    const refusal: unknown = await loadConfig(written, {}).catch((error: unknown) => error)
    assert.ok(refusal instanceof BulkheadError)
    // only the folder that relative paths start from is another one, and then ./gate is not there either
    const withoutPlace = inFile.map((line) => line.replace(/^broker\.yaml:\d+:\d+ /, ''))
    assert.deepEqual(
      refusal.message
        .split('\n')
        .filter((line) => !saysNoPluginThere(line))
        .toSorted(),
      withoutPlace.filter((line) => !saysNoPluginThere(line)).toSorted(),
    )
  })
})

describe('defaults', () => {
  it('fill in everything: loopback listeners, one tenant that admits nobody', async () => {
    const { config, warnings } = await folder.load('')
    assert.deepEqual(
      config.listeners.map(({ name, type, host, port, paths }) => [name, type, host, port, ...paths]),
      [
        ['mqtt', 'tcp', '127.0.0.1', 1883],
        ['web', 'ws', '127.0.0.1', 8083, '/mqtt'],
      ],
    )
    const [tenant] = config.tenants
    assert.deepEqual([tenant?.name, tenant?.anonymous, tenant?.topicDefault], ['default', false, 'allow'])
    assert.match(String(warnings), /nobody can connect to the tenant "default"/)
  })

  it('are no different from being written down: the effective config loads as the same config', async () => {
    const yaml = 'anonymous: true\nmqtt: { maximumPacketSize: 64KiB }\nplugins: { ./gate: { a: [1, null] } }'
    const { config, effective } = await folder.load(yaml)
    assert.deepEqual((await folder.load(JSON.stringify(effective))).config, config)
  })
})

describe('a config as an object', () => {
  const YAML = `listeners: { mqtt: { type: tcp, bind: "[::1]:0" } }
mqtt: { receiveMaximum: 7, maximumPacketSize: 64KiB, onRefusedPublish: close }
sandbox: { jail: minimal, jit: true, limits: { waitMs: { authenticate: 10 } } }
tenants:
  acme: { match: { usernamePrefix: "acme:" }, quotas: { bytesPerSec: 1MiB }, settings: { any: [thing] } }
  default: { anonymous: true, sandbox: { jit: false } }
`

  it('is the same config as the file that says the same', async () => {
    const fromFile = (await folder.load(YAML)).config
    const fromObject = (await loadConfig(parse(YAML) as Record<string, unknown>, {})).config
    const { file, baseDir } = fromFile
    // where a tenant stands is the file's own
    const tenants = fromFile.tenants.map((tenant) => ({ ...tenant, origin: undefined }))
    assert.deepEqual({ ...fromObject, file, baseDir }, { ...fromFile, tenants })
    assert.match(fromFile.tenants[1]?.origin ?? '', /broker\.yaml:6:3$/)
    assert.equal(fromFile.tenants[0]?.quotas.bytesPerSec, 1024 ** 2)
    assert.equal(fromFile.mqtt.maximumPacketSize, 65_536)
  })

  it('is neither changed nor held on to', async () => {
    const source = Object.freeze({ anonymous: true, settings: { words: ['one'] } })
    const { config } = await loadConfig(source, {})
    source.settings.words.push('two')
    assert.deepEqual(config.tenants[0]?.settings, { words: ['one'] })
    assert.deepEqual(Object.keys(source), ['anonymous', 'settings'])
  })
})
