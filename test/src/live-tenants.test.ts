import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManagedBroker } from '../support/managed-broker.ts'
import { connectClient, connectWithInbox } from '../support/mqttjs.ts'
import { eventually, isRunning } from '../support/processes.ts'

const DENIES = `
import { definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => deny() })
`

const managed = await ManagedBroker.start()
const { operator } = managed

test('a neighbour loses nothing while others come, change their plugins, and go', async () => {
  const { client, inbox } = await connectWithInbox(managed.url, { protocolVersion: 5 })
  let closed = 0
  client.on('close', () => (closed += 1))
  await client.subscribeAsync('n', { qos: 1 })
  let sent = 0
  const over = new AbortController()
  const publishing = (async () => {
    while (!over.signal.aborted) {
      const some = Array.from({ length: 20 }, () => String((sent += 1)))
      await Promise.all(some.map((text) => client.publishAsync('n', text, { qos: 1 })))
    }
  })()
  for (let round = 0; round < 3; round += 1) {
    const token = await managed.tenant('busy')
    await managed.deploy(token, 'busy', 'gate', DENIES)
    await managed.done(operator, 'POST /v1/tenants/busy/suspend')
    await managed.done(operator, 'DELETE /v1/tenants/busy')
  }
  over.abort()
  await publishing
  const got = await inbox.take(sent)
  assert.deepEqual(
    got.map(({ payload }) => Number(payload)),
    got.map((_, place) => place + 1),
  )
  assert.equal(closed, 0)
})

test('plugins that were replaced, or whose tenant is gone, leave no process behind', async () => {
  const token = await managed.tenant('brief')
  const pids = new Set<number>()
  const note = (): void => {
    const pid = managed.broker.cells.get('brief')
    if (pid !== undefined) pids.add(pid)
  }
  for (let version = 0; version < 3; version += 1) {
    await managed.deploy(
      token,
      'brief',
      'gate',
      `${DENIES}// ${'x'.repeat(version)}\nexport const n = ${version}`,
    )
    note()
  }
  assert.equal(pids.size, 3)
  await managed.done(operator, 'DELETE /v1/tenants/brief')
  await eventually(() => ![...pids].some(isRunning))
})

test('changes of one tenant that meet are done one after the other, or refused; none is lost', async () => {
  const token = await managed.tenant('racy')
  const digests = await Promise.all(
    [1, 2, 3].map((n) => managed.upload(token, 'racy', 'gate', `${DENIES}\nexport const n = ${n}`)),
  )
  const at = '/v1/tenants/racy/plugins/gate'
  const replies = await Promise.all([
    ...digests.map((digest) => managed.call(token, `POST ${at}/deploy`, { digest })),
    managed.call(token, `POST ${at}/rollback`),
    managed.call(token, `DELETE ${at}/versions/${digests[0]}`),
    managed.call(operator, 'PUT /v1/tenants/racy/quotas', { connections: 3 }),
  ])
  for (const { status } of replies) assert.ok([200, 204, 409, 422].includes(status), String(status))
  const { serving } = await managed.done(token, `GET ${at}`)
  const client = await connectClient(managed.url, { protocolVersion: 5, username: 'racy:x' })
  await assert.rejects(client.publishAsync('a', 'x', { qos: 1 }))
  assert.ok(digests.includes(serving.digest))
})
