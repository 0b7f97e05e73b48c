import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tenantView } from '../../../src/config/tenant-view.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('plugins-of-acme')
folder.write('key.pem', 'PLANTED-file')

const CONFIG = `
listeners:
  mqtt: { type: tcp, bind: "127.0.0.1:1883" }
  web: { type: ws, bind: "127.0.0.1:8083", path: /ws }
  planted-listener: { type: tcp, bind: "127.0.0.1:1884" }
mqtt: { receiveMaximum: 7, maximumPacketSize: 2KiB }
data: ./planted-data
settings: { site: north, apiToken: PLANTED-token, region: "\${REGION}", nested: [{ password: PLANTED }, 1] }
tenants:
  acme:
    match: { usernamePrefix: "acme:" }
    settings: { floor: 3, keyPasswordFile: ./key.pem }
    plugins: { gate: { use: ./plugins-of-acme, config: { x: PLANTED }, secrets: { a: PLANTED-secret } } }
  planted-tenant: { match: { listener: planted-listener }, settings: { own: PLANTED }, anonymous: true }
`

async function viewOf(place: number): Promise<ReturnType<typeof tenantView>> {
  const { config } = await folder.load(CONFIG, { REGION: 'PLANTED-variable' })
  const tenant = config.tenants[place]
  assert.ok(tenant !== undefined)
  return tenantView(config, tenant)
}

describe('what a plugin sees of the config', () => {
  it('is the listeners, the mqtt limits, its own tenant, and the settings', async () => {
    const { listeners, mqtt, tenant, settings } = await viewOf(0)
    assert.deepEqual(listeners, [
      { name: 'mqtt', type: 'tcp', host: '127.0.0.1', port: 1883, maxConnections: 100_000 },
      { name: 'web', type: 'ws', host: '127.0.0.1', port: 8083, path: '/ws', maxConnections: 100_000 },
    ])
    assert.deepEqual([mqtt['receiveMaximum'], mqtt['maximumPacketSize']], [7, 2048])
    assert.deepEqual(
      [tenant.name, tenant.match, tenant.anonymous],
      ['acme', { usernamePrefix: 'acme:' }, false],
    )
    assert.deepEqual([settings, tenant.settings], [{ site: 'north', nested: [{}, 1] }, { floor: 3 }])
    assert.equal(tenant.quotas['connections'], 1000)
  })

  it('holds no secret, no path of the host, and nothing of another tenant', async () => {
    const text = JSON.stringify(await viewOf(0)).toLowerCase()
    assert.doesNotMatch(text, /planted/)
    assert.ok(!text.includes(folder.path.toLowerCase()))
    assert.doesNotMatch(JSON.stringify(await viewOf(1)), /acme|"web"|"floor"/)
  })

  it('is plain JSON, without quotas that are unlimited', async () => {
    const { config } = await folder.load('anonymous: true\nsettings: { a: 1 }')
    const [tenant] = config.tenants
    assert.ok(tenant !== undefined)
    const view = tenantView(config, tenant)
    assert.deepEqual(JSON.parse(JSON.stringify(view)), view)
    assert.equal(view.tenant.quotas['connections'], undefined)
    assert.deepEqual([view.settings, view.tenant.settings], [{ a: 1 }, { a: 1 }])
  })

  it('is bounded: settings beyond the size of options are a mistake', async () => {
    const settings = `settings: { a: "${'x'.repeat(600)}" }`
    const long = `anonymous: true\nsandbox: { limits: { configKiB: 1 } }\n${settings}`
    assert.match(String(await folder.mistakes(long)), /settings have 2 KiB; the limit .* is 1/)
  })
})
