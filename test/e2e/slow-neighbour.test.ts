import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { after, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Who receives is decided by a directory, as far as that answers. */
const ASKS_A_DIRECTORY = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { ldap: { names: ['silent'] } },
  authorizeReceive: async (event, ctx) => {
    if (event.message.topic !== 'slow') return allow()
    return ctx.ldap.bind('silent', { username: 'any' }, 'any').then(allow, allow)
  },
})
`

test('with a data folder, a tenant whose plugin is slow to say who receives holds up nobody else', {
  timeout: 60_000,
}, async () => {
  const asked = Promise.withResolvers<Socket>()
  const directory = createServer((socket) => asked.resolve(socket)).listen(0, '127.0.0.1')
  await once(directory, 'listening')
  after(() => directory.close())
  const { url } = await startBroker({
    data: tempFolder({}),
    directories: {
      silent: {
        url: `ldap://127.0.0.1:${(directory.address() as AddressInfo).port}`,
        baseDn: 'dc=test',
        filter: '(uid={username})',
        timeoutMs: 30_000,
      },
    },
    sandbox: { limits: { waitMs: { authenticate: 30_000, authorize: 30_000 } } },
    tenants: {
      slow: {
        anonymous: true,
        match: { usernamePrefix: 'slow:' },
        allow: { ldap: true },
        plugins: {
          [path.join(tempFolder({ 'asks/plugin.ts': ASKS_A_DIRECTORY }), 'asks')]: null,
        },
      },
      quick: { anonymous: true, match: { usernamePrefix: 'quick:' } },
    },
  })
  const enter = (username: string) =>
    connectClient(url, {
      username,
      clientId: username.replace(':', '-'),
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 600 },
    })
  const [slow, beside, quick] = await Promise.all(['slow:ann', 'slow:bob', 'quick:ann'].map(enter))
  for (const client of [slow, quick]) await client?.subscribeAsync('#', { qos: 1 })
  const order: string[] = []
  const late = slow?.publishAsync('slow', 'x', { qos: 1 }).then(() => order.push('slow'))
  const socket = await asked.promise
  await quick?.publishAsync('any', 'x', { qos: 1 }).then(() => order.push('quick'))
  // nor does it hold up the rest of its own tenant
  await beside?.publishAsync('any', 'x', { qos: 1 }).then(() => order.push('beside'))
  socket.destroy()
  await late
  assert.deepEqual(order, ['quick', 'beside', 'slow'])
})
