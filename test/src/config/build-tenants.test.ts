import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate', 'plugins/gate')

const withQuotas = (quotas: string): string =>
  `mqtt: { maximumPacketSize: 4KiB }\nanonymous: true\nquotas: ${quotas}`
const withLimits = (limits: string): string =>
  `sandbox: { limits: { heapMiB: 16 } }\ntenants: { default: { sandbox: { limits: ${limits} } } }`
const failingOpen = (more: string): string =>
  `${more}\nplugins: { gate: { use: ./gate, onFault: { authorizePublish: allow } } }`
const withWaits = (waitMs: string): string =>
  `sandbox: { limits: { waitMs: { authorize: 500 } } }\nplugins: { gate: { use: ./gate, waitMs: ${waitMs} } }`
const withCapabilities = (capabilities: string): string =>
  `allow: { fetch: { hosts: [a, b] } }\nplugins: { gate: { use: ./gate, capabilities: ${capabilities} } }`

describe('a tenant', () => {
  it('called default, as whose config has no "tenants:", has no bounds but those of sanity', async () => {
    const { name, match, quotas } = await folder.tenant('anonymous: true')
    assert.deepEqual([name, match], ['default', undefined])
    assert.equal(quotas.connections, Number.POSITIVE_INFINITY)
    assert.equal(quotas.queuedMessages, 1_000_000)
  })

  it('of another name has bounds that a stranger can live with', async () => {
    const { quotas } = await folder.tenant(
      'tenants: { acme: { match: { usernamePrefix: a }, anonymous: true } }',
    )
    assert.deepEqual([quotas.connections, quotas.queuedMessages, quotas.inflightMessages], [1000, 1000, 32])
    assert.equal(quotas.retainedBytes, 64 * 1024 ** 2)
  })

  it('has the quotas that are written, and no packet larger than the broker reads', async () => {
    const { quotas } = await folder.tenant(withQuotas('{ retainedBytes: 10MiB, bytesPerSec: unlimited }'))
    assert.deepEqual([quotas.retainedBytes, quotas.maximumPacketSize], [10 * 1024 ** 2, 4096])
    assert.equal(quotas.bytesPerSec, Number.POSITIVE_INFINITY)
    assert.deepEqual(await folder.mistakes(withQuotas('{ maximumPacketSize: 8KiB }')), [
      'broker.yaml:3:30 quotas.maximumPacketSize: ' +
        'expected at most mqtt.maximumPacketSize, which is 4096, got 8192',
    ])
  })

  it("has the operator's limits where it says nothing, and at most those", async () => {
    const { limits } = await folder.tenant(withLimits('{ softMs: 20 }'))
    assert.deepEqual([limits.heapMiB, limits.softMs, limits.plugins], [16, 20, 8])
    const place = 'tenants.default.sandbox.limits'
    assert.deepEqual(await folder.mistakes(withLimits('{ heapMiB: 32, waitMs: { authorize: 2000 } }')), [
      `broker.yaml:2:53 ${place}.heapMiB: expected at most 16, the operator's own limit, got 32`,
      `broker.yaml:2:78 ${place}.waitMs.authorize: expected at most 1000, the operator's own limit, got 2000`,
    ])
  })
})

describe("a tenant's share of the processor", () => {
  const acme = 'acme: { match: { usernamePrefix: a }, anonymous: true }'

  it('is a quarter of a core, and without bound for the tenant default', async () => {
    const { tenants } = (await folder.load(`tenants: { ${acme}, default: { anonymous: true } }`)).config
    assert.deepEqual(
      tenants.map(({ name, limits }) => [name, limits.cpuShare]),
      [
        ['acme', 0.25],
        ['default', Number.POSITIVE_INFINITY],
      ],
    )
    assert.equal((await folder.tenant('anonymous: true')).limits.cpuShare, Number.POSITIVE_INFINITY)
  })

  it('is what is written, for the tenant default too', async () => {
    const operators = 'anonymous: true\nsandbox: { limits: { cpuShare: 2 } }'
    assert.equal((await folder.tenant(operators)).limits.cpuShare, 2)
    const own = 'tenants: { default: { sandbox: { limits: { cpuShare: 3 } } } }'
    assert.equal((await folder.tenant(own)).limits.cpuShare, 3)
    const above = `sandbox: { limits: { cpuShare: 2 } }\n${own}`
    assert.match(String(await folder.mistakes(above)), /cpuShare: expected at most 2/)
  })
})

describe("a tenant's plugins", () => {
  it('may be named as in aMQTT, but for those whose work the broker does by itself', async () => {
    const { config, warnings } = await folder.load(
      'plugins:\n  amqtt.plugins.logging_amqtt.EventLoggerPlugin:\n' +
        '  amqtt.plugins.sys.broker.BrokerSysPlugin: { sys_interval: 20 }',
    )
    const { plugins = [] } = config.tenants[0] ?? {}
    assert.deepEqual(
      plugins.map((plugin) => path.basename(plugin.path)),
      ['event-logger'],
    )
    assert.match(
      warnings.join('\n'),
      /BrokerSysPlugin" is no plugin here: the broker publishes \$SYS by itself/,
    )
  })

  it('may be a list of names and of maps, in which none is there twice', async () => {
    const { plugins } = await folder.tenant('plugins: [./gate, { ./plugins/gate: { a: 1 } }]')
    assert.deepEqual(
      plugins.map(({ name, options }) => [name, options]),
      [
        ['./gate', {}],
        ['./plugins/gate', { a: 1 }],
      ],
    )
    assert.deepEqual(await folder.mistakes('plugins: [./gate, { ./gate: { a: 1 } }]'), [
      'broker.yaml:1:21 plugins.1: the plugin "./gate" is there twice; give one a name: NAME: { use }',
    ])
  })

  it('are at most as many as the limit says', async () => {
    const yaml = 'sandbox: { limits: { plugins: 1 } }\nplugins: { ./gate: {}, ./plugins/gate: {} }'
    assert.deepEqual(await folder.mistakes(yaml), [
      'broker.yaml:2:1 2 plugins, but sandbox.limits.plugins is 1',
    ])
  })

  it('open on a fault only if the operator says so', async () => {
    const [line] = await folder.mistakes(failingOpen(''))
    assert.match(String(line), /onFault\.authorizePublish: `allow` needs the tenant's allowFailOpen: true$/)
    const [plugin] = (await folder.tenant(failingOpen('allowFailOpen: true'))).plugins
    assert.deepEqual(plugin?.onFault, { authorizePublish: 'allow' })
  })

  it('wait for as long as they say, which is at most what the tenant may', async () => {
    const { plugins } = await folder.tenant(withWaits('{ authorize: 500, authenticate: 20 }'))
    assert.deepEqual(plugins[0]?.waitMs, { authorize: 500, authenticate: 20 })
    assert.deepEqual((await folder.tenant('plugins: { ./gate: {} }')).plugins[0]?.waitMs, {})
    assert.deepEqual(await folder.mistakes(withWaits('{ authorize: 501, authenticate: 5001 }')), [
      "broker.yaml:2:54 plugins.gate.waitMs.authorize: expected at most 500, the tenant's own limit, got 501",
      'broker.yaml:2:73 plugins.gate.waitMs.authenticate: ' +
        "expected at most 5000, the tenant's own limit, got 5001",
    ])
    assert.deepEqual(await folder.mistakes(withWaits('{ receive: 1 }')), [
      'broker.yaml:2:43 plugins.gate.waitMs: unknown key "receive"',
    ])
  })

  it('are granted what the tenant is allowed, narrowed by their own capabilities', async () => {
    const [plugin] = (await folder.tenant(withCapabilities('{ fetch: { hosts: [a] }, kv: false }'))).plugins
    assert.deepEqual([plugin?.allow.fetch, plugin?.allow.kv], [{ hosts: ['a'] }, undefined])
    const place = 'plugins.gate.capabilities'
    assert.deepEqual(await folder.mistakes(withCapabilities('{ fetch: { hosts: [c] }, password: true }')), [
      `broker.yaml:2:56 ${place}.fetch: wider than the tenant's \`allow\``,
      `broker.yaml:2:82 ${place}.password: the tenant does not allow it; name it in the tenant's \`allow\``,
    ])
  })
})

describe('the match of a tenant', () => {
  it('is not called unreachable on top of being wrong', async () => {
    const yaml = 'tenants: { acme: { match: { listner: web } }, beta: { match: 7 } }'
    assert.deepEqual(await folder.mistakes(yaml), [
      'broker.yaml:1:29 tenants.acme.match: unknown key "listner"; did you mean "listener"?',
      'broker.yaml:1:62 tenants.beta.match: expected a map, got 7',
    ])
  })

  it('stops the start when one before it takes everything', async () => {
    const [line] = await folder.mistakes(
      'tenants:\n  a: { match: { usernamePrefix: x } }\n  b: { match: { usernamePrefix: xy } }',
    )
    assert.equal(
      line,
      'broker.yaml:3:3 tenants: the tenant "b" can never be reached: ' +
        '"a" before it takes all of its connections',
    )
  })
})
