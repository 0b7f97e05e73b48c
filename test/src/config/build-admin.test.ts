import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const load = (admin: string) => new ConfigFolder().load(`anonymous: true\n${admin}`)

test('the admin API is nowhere, unless the config says where', async () => {
  assert.deepEqual((await load('')).config.admin, { bind: undefined, tenants: 'on' })
  const { config } = await load('admin: { bind: "127.0.0.1:18083", tenants: off }')
  assert.deepEqual(config.admin, { bind: { host: '127.0.0.1', port: 18083 }, tenants: 'off' })
})

for (const bind of ['0.0.0.0:18083', '10.0.0.1:1', 'unix:/tmp/a.sock'])
  test(`it is not served at ${bind}: tokens would travel in clear text`, async () => {
    await assert.rejects(load(`admin: { bind: "${bind}" }`), {
      code: 'ERR_CONFIG_INVALID',
      message: /admin\.bind: .*put a proxy with TLS before it/,
    })
  })
