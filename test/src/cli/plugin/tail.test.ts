import path from 'node:path'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { connectClient } from '../../../support/mqttjs.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { startBulkhead } from '../bulkhead.ts'

const DENIES = `
import { definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => deny('notAuthorized', 'never') })
`
const socket = path.join(tempFolder({}), 'control.sock')
const managed = await ManagedBroker.start({ controlSocket: socket })
const acme = await managed.tenant('acme')
await managed.deploy(acme, 'acme', 'gate', DENIES)
const client = await connectClient(managed.url, { protocolVersion: 5, username: 'acme:a', clientId: 'ann' })

/** Publishes until the tail has begun to hear of it. */
async function heard(words: readonly string[], env: NodeJS.ProcessEnv, what: RegExp): Promise<void> {
  const tail = startBulkhead(['plugin', 'tail', ...words], { env })
  const over = new AbortController()
  const said = tail.said(what).finally(() => over.abort())
  while (!over.signal.aborted) await client.publishAsync('x', 'y', { qos: 1 }).catch(() => undefined)
  await said
  tail.child.kill('SIGKILL')
}

test('a tenant hears of its plugins and of refusals, as lines and as JSON', async () => {
  await heard([], managed.env(acme), /refused {2}client=ann {2}action=publish {2}reasonCode=135 .*never/)
  await heard(['gate', '--json'], managed.env(acme), /^\{"event":"refused","at":"20.*"client":"ann"/m)
})

test('the operator hears of a tenant over the control socket', async () => {
  await heard(['--tenant', 'acme', '--socket', socket], {}, /refused {2}client=ann/)
})
