import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { AdminApp } from '../../../src/admin/admin-app.ts'
import { openAdminListener } from '../../../src/admin/admin-listener.ts'

const APP: AdminApp = {
  serve: (_request, response) => response.end('served'),
  describe: () => ({}),
  close: () => Promise.resolve(),
}

test('it says where it is, and ends those who keep it waiting when it closes', async () => {
  const listener = await openAdminListener({ host: '127.0.0.1', port: 0 }, APP)
  assert.equal(await (await fetch(`${listener.url}/x`)).text(), 'served')
  const idle = connect(Number(new URL(listener.url).port), '127.0.0.1')
  await once(idle, 'connect')
  const ended = once(idle, 'close')
  idle.resume()
  await listener.close()
  await ended
})

test('an address that is taken is an error that names it', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await assert.rejects(openAdminListener({ host: '127.0.0.1', port }, APP), {
    code: 'ERR_LISTEN',
    message: new RegExp(`admin API: cannot listen on 127.0.0.1:${port}`),
  })
  other.close()
})
