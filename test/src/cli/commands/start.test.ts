import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead, startBulkhead } from '../bulkhead.ts'

const ANY_PORT = {
  BULKHEAD_LISTENERS__MQTT__BIND: '127.0.0.1:0',
  BULKHEAD_LISTENERS__WEB__BIND: '127.0.0.1:0',
}

describe('start', () => {
  it('without a config runs a demo that works as it says, and stops cleanly at SIGINT', async () => {
    const cwd = tempFolder({})
    const broker = startBulkhead(['start'], { env: ANY_PORT, cwd })
    const [, port = ''] = await broker.said(/sub -p (\d+) -v -t 'demo\/#'/)
    await broker.said(/refused by the plugin/)
    const subscriber = startBulkhead(['sub', '-p', port, '-v', '-d', '-t', 'demo/#', '-C', '1'])
    await subscriber.said(/received SUBACK/)
    const elsewhere = ['pub', '-p', port, '-t', 'elsewhere', '-m', 'hi', '-q', '1', '-V', '5']
    const [refused, accepted] = await Promise.all([
      bulkhead(elsewhere),
      bulkhead(['pub', '-p', port, '-t', 'demo/hello', '-m', 'hi']),
    ])
    assert.match(refused.stderr, /Publish to elsewhere refused: Not authorized \(0x87\): /)
    assert.deepEqual([refused.code, accepted.code], [1, 0])
    assert.match((await subscriber.ended).stdout, /^demo\/hello hi$/m)
    broker.child.kill('SIGINT')
    assert.equal((await broker.ended).code, 0)
    assert.ok(existsSync(path.join(cwd, 'bulkhead-data', 'bulkhead.db')))
  })

  it('with a config full of mistakes names them and ends with 1', async () => {
    const { code, stderr } = await bulkhead(['start', '-c', 'no-such.yaml'])
    assert.match(stderr, /^bulkhead: ERR_CONFIG_READ: .*no-such\.yaml/)
    assert.equal(code, 1)
  })
})
