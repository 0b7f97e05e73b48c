import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Answers True, False or None, by what the user name or the topic says of it. */
const opinionated = (name: string): string => `
import { definePlugin } from 'bulkhead/plugin'
const OPINIONS = { yes: true, no: false }
const opinion = (text) => {
  const said = text.split('/').find((part) => part.startsWith('${name}='))?.slice(${name.length + 1})
  return OPINIONS[said] ?? null
}
export default definePlugin({
  authenticate: (event) => opinion(event.username ?? ''),
  topicFiltering: (event) => opinion(event.topic),
})
`
const folder = tempFolder({ 'a/plugin.ts': opinionated('a'), 'b/plugin.ts': opinionated('b') })
const broker = await startBroker({
  plugins: { [path.join(folder, 'a')]: null, [path.join(folder, 'b')]: null },
})

function connects(username: string): Promise<boolean> {
  return connectClient(broker.url, { username }).then(
    () => true,
    () => false,
  )
}

const client = await connectClient(broker.url, { username: 'a=yes', protocolVersion: 5 })

function publishes(topic: string): Promise<boolean> {
  return client.publishAsync(topic, 'x', { qos: 1 }).then(
    () => true,
    () => false,
  )
}

async function subscribes(topic: string): Promise<boolean> {
  const granted = await client.subscribeAsync(topic).catch(() => undefined)
  return granted !== undefined && granted.every(({ qos }) => qos < 0x80)
}

describe('what plugins decide, as the two documents have it', { timeout: 60_000 }, () => {
  it('[seed-29] [seed-30] authenticate: True admits, False refuses', async () => {
    assert.deepEqual([await connects('a=yes'), await connects('a=no')], [true, false])
  })

  it('[seed-32] [seed-34] topic_filtering: who may publish', async () => {
    assert.deepEqual([await publishes('a=yes'), await publishes('a=no')], [true, false])
  })

  it('[seed-33] topic_filtering: who may subscribe', async () => {
    assert.deepEqual([await subscribes('a=yes'), await subscribes('a=no')], [true, false])
  })

  it('[seed-35] one plugin decides both', async () => {
    assert.deepEqual([await connects('b=yes'), await publishes('b=yes')], [true, true])
  })

  it('[seed-39] None is no opinion: at least one True and no False allows', async () => {
    const opinions = {
      'a=yes/b=yes': true,
      'a=yes/b=none': true,
      'a=yes/b=no': false,
      'a=none/b=none': false,
    }
    for (const [said, allowed] of Object.entries(opinions)) {
      assert.deepEqual(
        [await connects(said), await publishes(said), await subscribes(said)],
        [allowed, allowed, allowed],
      )
    }
  })
})
