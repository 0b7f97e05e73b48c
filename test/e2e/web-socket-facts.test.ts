import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { connect, type IConnackPacket } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Tells in CONNACK what it saw. */
const WITNESS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: (event) => {
    const { path, headers } = event.ws ?? { path: 'none', headers: {} }
    const seen = [path, headers.origin, headers.cookie, headers.authorization].join(' ')
    return allow({ audit: true, connack: { userProperties: [['NAME', seen]] } })
  },
})
`
const TRUSTED = WITNESS.replace('NAME', 'trusted').replace(
  'authenticate:',
  'capabilities: { password: true },\n  authenticate:',
)
const folder = tempFolder({
  'blind/plugin.ts': WITNESS.replace('NAME', 'blind'),
  'trusted/plugin.ts': TRUSTED,
})
const { broker, url, webUrl } = await startBroker({
  allow: { password: true },
  plugins: { [path.join(folder, 'blind')]: null, [path.join(folder, 'trusted')]: null },
})

/** What the plugins saw, by their names. */
async function seenOf(address: string): Promise<object> {
  const client = connect(address, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    wsOptions: {
      headers: { origin: 'https://app.example', cookie: 'session=s', authorization: 'Bearer b' },
    },
  })
  after(() => client.end(true))
  const connack = await new Promise<IConnackPacket>((resolve) => client.once('connect', resolve))
  return { ...connack.properties?.userProperties }
}

test('plugins see the upgrade request; what proves an identity only with the password capability', async () => {
  assert.deepEqual(await seenOf(`${webUrl}?token=t`), {
    blind: '/mqtt https://app.example  ',
    trusted: '/mqtt?token=t https://app.example session=s Bearer b',
  })
  assert.deepEqual(await seenOf(url), { blind: 'none   ', trusted: 'none   ' })
})

test('a verdict with audit is found in the audit, with the plugin that gave it', async () => {
  await seenOf(url)
  const decisions = (await broker.audit()).filter(({ event }) => event === 'decision')
  assert.deepEqual(
    decisions.map(({ plugin, where, detail }) => `${plugin}: ${where}: ${detail}`).sort(),
    ['blind', 'trusted'].map((plugin) => `${plugin}: authenticate: allow, about address 127.0.0.1`),
  )
})
