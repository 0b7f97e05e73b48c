import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate', 'plugins/gate')

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
    const yaml = (quotas: string): string =>
      `mqtt: { maximumPacketSize: 4KiB }\nanonymous: true\nquotas: ${quotas}`
    const { quotas } = await folder.tenant(yaml('{ retainedBytes: 10MiB, bytesPerSec: unlimited }'))
    assert.deepEqual([quotas.retainedBytes, quotas.maximumPacketSize], [10 * 1024 ** 2, 4096])
    assert.equal(quotas.bytesPerSec, Number.POSITIVE_INFINITY)
    assert.deepEqual(await folder.mistakes(yaml('{ maximumPacketSize: 8KiB }')), [
      'broker.yaml:3:30 quotas.maximumPacketSize: expected at most mqtt.maximumPacketSize, which is 4096, got 8192',
    ])
  })

  it("has the operator's limits where it says nothing, and at most those", async () => {
    const yaml = (limits: string): string =>
      `sandbox: { limits: { heapMiB: 16 } }\ntenants: { default: { sandbox: { limits: ${limits} } } }`
    const { limits } = await folder.tenant(yaml('{ softMs: 20 }'))
    assert.deepEqual([limits.heapMiB, limits.softMs, limits.plugins], [16, 20, 8])
    const place = 'tenants.default.sandbox.limits'
    assert.deepEqual(await folder.mistakes(yaml('{ heapMiB: 32, waitMs: { authorize: 2000 } }')), [
      `broker.yaml:2:53 ${place}.heapMiB: expected at most 16, the operator's own limit, got 32`,
      `broker.yaml:2:78 ${place}.waitMs.authorize: expected at most 1000, the operator's own limit, got 2000`,
    ])
  })

  it('has at most as many plugins as the limit says', async () => {
    const yaml = 'sandbox: { limits: { plugins: 1 } }\nplugins: { ./gate: {}, ./plugins/gate: {} }'
    assert.deepEqual(await folder.mistakes(yaml), [
      'broker.yaml:2:1 2 plugins, but sandbox.limits.plugins is 1',
    ])
  })

  it('lets a plugin open on a fault only if the operator says so', async () => {
    const yaml = (more: string): string =>
      `${more}\nplugins: { gate: { use: ./gate, onFault: { authorizePublish: allow } } }`
    const [line] = await folder.mistakes(yaml(''))
    assert.match(String(line), /onFault\.authorizePublish: `allow` needs the tenant's allowFailOpen: true$/)
    const [plugin] = (await folder.tenant(yaml('allowFailOpen: true'))).plugins
    assert.deepEqual(plugin?.onFault, { authorizePublish: 'allow' })
  })

  it("grants its plugins what it is allowed, narrowed by the plugin's own capabilities", async () => {
    const yaml = (capabilities: string): string =>
      `allow: { fetch: { hosts: [a, b] } }\nplugins: { gate: { use: ./gate, capabilities: ${capabilities} } }`
    const [plugin] = (await folder.tenant(yaml('{ fetch: { hosts: [a] }, kv: false }'))).plugins
    assert.deepEqual([plugin?.allow.fetch, plugin?.allow.kv], [{ hosts: ['a'] }, undefined])
    const place = 'plugins.gate.capabilities'
    assert.deepEqual(await folder.mistakes(yaml('{ fetch: { hosts: [c] }, password: true }')), [
      `broker.yaml:2:56 ${place}.fetch: wider than the tenant's \`allow\``,
      `broker.yaml:2:82 ${place}.password: the tenant does not allow it; name it in the tenant's \`allow\``,
    ])
  })

  it('whose match is wrong is not called unreachable on top of it', async () => {
    const yaml = 'tenants: { acme: { match: { listner: web } }, beta: { match: 7 } }'
    assert.deepEqual(await folder.mistakes(yaml), [
      'broker.yaml:1:29 tenants.acme.match: unknown key "listner"; did you mean "listener"?',
      'broker.yaml:1:62 tenants.beta.match: expected a map, got 7',
    ])
  })

  it('that is shadowed by one before it stops the start', async () => {
    const [line] = await folder.mistakes(
      'tenants:\n  a: { match: { usernamePrefix: x } }\n  b: { match: { usernamePrefix: xy } }',
    )
    assert.equal(
      line,
      'broker.yaml:3:3 tenants: the tenant "b" can never be reached: "a" before it takes all of its connections',
    )
  })
})
