import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { connectClient } from '../../../support/mqttjs.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead, startBulkhead } from '../bulkhead.ts'

const folder = tempFolder({
  'broker.yaml': `
listeners: { mqtt: { type: tcp, bind: '127.0.0.1:0' } }
anonymous: true
controlSocket: control.sock
drainSec: 3600
`,
})

test('`bulkhead stop` waits for the end of the broker, which ends with 0; a second signal does not wait', async () => {
  const config = path.join(folder, 'broker.yaml')
  const start = async () => {
    const running = startBulkhead(['start', '-c', config])
    const [, port] = await running.said(/mqtt:\/\/127\.0\.0\.1:(\d+)/)
    // so many that waves of one each take longer than a test may
    const url = `mqtt://127.0.0.1:${port}`
    await Promise.all(Array.from({ length: 150 }, () => connectClient(url, { protocolVersion: 5 })))
    return running
  }
  const first = await start()
  assert.equal((await bulkhead(['stop', '-c', config, '--drain', '1'])).code, 0)
  assert.equal((await first.ended).code, 0)
  assert.match((await bulkhead(['stop', '-c', config])).stderr, /ERR_CONTROL/)
  const second = await start()
  second.child.kill('SIGTERM')
  // it is on its way out once it says that it is not ready
  for (let isReady = true; isReady; ) isReady = (await bulkhead(['status', '-c', config])).code === 0
  second.child.kill('SIGTERM')
  assert.equal((await second.ended).code, 130)
})
