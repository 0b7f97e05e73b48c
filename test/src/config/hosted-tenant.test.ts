import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildHostedTenant } from '../../../src/config/hosted-tenant.ts'
import { ConfigFolder } from './config-folder.ts'

const { config } = await new ConfigFolder().load(`
listeners:
  mqtt: { type: tcp, bind: "127.0.0.1:0" }
  web: { type: ws, bind: "127.0.0.1:0" }
mqtt: { maximumPacketSize: 1MiB }
sandbox: { limits: { heapMiB: 32 } }
tenants:
  default: { anonymous: true }
  zoo: { match: { usernamePrefix: "zoo:" }, anonymous: true }
`)
const build = (settings: unknown, name = 'acme') => buildHostedTenant(config, config.tenants, name, settings)
const match = { usernamePrefix: 'acme:' }

test('it is built as one of the config: with its defaults, within the operator’s limits', () => {
  const tenant = build({ match, quotas: { connections: 7, bytesPerSec: '1MiB' } })
  assert.deepEqual([tenant.quotas.connections, tenant.quotas.bytesPerSec], [7, 1_048_576])
  assert.deepEqual([tenant.plugins, tenant.anonymous, tenant.limits.heapMiB], [[], false, 32])
  assert.ok(tenant.limits.cpuShare < Number.POSITIVE_INFINITY)
})

for (const [what, settings, why] of [
  ['a key that is not known', { match, quota: {} }, /unknown key "quota"; did you mean "quotas"/],
  [
    'a limit above the operator’s',
    { match, sandbox: { limits: { heapMiB: 64 } } },
    /at most 32, the operator's own/,
  ],
  [
    'a packet above the broker’s',
    { match, quotas: { maximumPacketSize: '2MiB' } },
    /at most mqtt.maximumPacketSize/,
  ],
  ['no way to come to it', {}, /can never be reached: it has no "match"/],
  ['a way that another one takes', { match: { usernamePrefix: 'zoo:a' } }, /"zoo" before it takes all/],
  ['a listener that is none', { match: { listener: 'none' } }, /there is no listener "none", only mqtt, web/],
  ['a server name where there is no TLS', { match: { tlsServerName: 'a.example' } }, /no listener has tls/],
  ['plugins of the machine', { match, plugins: { '/etc': {} } }, /"plugins" is for tenants of the config/],
  ['databases', { match, databases: {} }, /"databases" is for tenants of the config/],
  ['something that is no map', 'anonymous', /acme/],
] as const)
  test(`${what} is refused, and the message says what to do`, () => {
    assert.throws(() => build(settings), { code: 'ERR_CONFIG_INVALID', message: why })
  })

test('all mistakes are told at once', () => {
  assert.throws(
    () => build({ quota: 1, anonymous: 'yes' }),
    (error: Error) => error.message.split('\n').length >= 3,
  )
})
