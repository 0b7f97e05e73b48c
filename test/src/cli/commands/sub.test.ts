import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bulkhead, startBulkhead } from '../bulkhead.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from '../foreign-broker.ts'

describe('sub, against a foreign broker', { skip: NO_FOREIGN_BROKER }, () => {
  let broker: ForeignBroker
  let at: readonly string[]

  before(async () => {
    broker = await ForeignBroker.start()
    at = ['-p', String(broker.port)]
  })

  after(() => broker.stop())

  it('ends with 27 when -W expires, whatever came until then', async () => {
    const { code, stdout } = await bulkhead(['sub', ...at, '-t', 'nothing', '-W', '1'])
    assert.deepEqual([code, stdout], [27, ''])
  })

  it('ends with 0 after -C messages, and prints no more than those', async () => {
    const subscriber = startBulkhead(['sub', ...at, '-t', 'count', '-d', '-C', '2', '-N'])
    await subscriber.said(/received SUBACK/)
    await bulkhead(['pub', ...at, '-t', 'count', '-l'], '<1>\n<2>\n<3>\n')
    const { code, stdout } = await subscriber.ended
    assert.equal(code, 0)
    assert.deepEqual(stdout.match(/<.>/g), ['<1>', '<2>'])
  })

  it('ends with 130 at SIGINT, after a DISCONNECT', async () => {
    const subscriber = startBulkhead(['sub', ...at, '-t', 'a', '-d'])
    await subscriber.said(/received SUBACK/)
    subscriber.child.kill('SIGINT')
    const { code, stdout } = await subscriber.ended
    assert.equal(code, 130)
    assert.match(stdout, /sending DISCONNECT\n$/)
  })

  it('keeps its session with -c and -i: what was published meanwhile comes', async () => {
    const session = ['sub', ...at, '-i', 'keeper', '-c', '-q', '1', '-t', 'kept']
    assert.equal((await bulkhead([...session, '-W', '1'])).code, 27)
    await bulkhead(['pub', ...at, '-q', '1', '-t', 'kept', '-m', 'while you were out'])
    assert.equal((await bulkhead([...session, '-C', '1'])).stdout, 'while you were out\n')
  })

  it('connects again, and subscribes again, when another takes its connection down', async () => {
    const subscriber = startBulkhead(['sub', ...at, '-i', 'twin', '-t', 'twin', '-d', '-C', '1'])
    await subscriber.said(/received SUBACK/)
    const other = startBulkhead(['sub', ...at, '-i', 'twin', '-t', 'x', '-d', '-W', '1'])
    await other.ended
    await subscriber.said(/received SUBACK[^]*received SUBACK/)
    await bulkhead(['pub', ...at, '-t', 'twin', '-m', 'back'])
    const { code, stdout } = await subscriber.ended
    assert.equal(code, 0)
    assert.match(stdout, /^back$/m)
  })
})

describe('sub, refused by a foreign broker', { skip: NO_FOREIGN_BROKER }, () => {
  let broker: ForeignBroker

  before(async () => {
    broker = await ForeignBroker.start(['allow_anonymous false'])
  })

  after(() => broker.stop())

  it('says why, in the words of the protocol, and ends with 1', async () => {
    const words = ['sub', '-p', String(broker.port), '-t', 'a']
    const [v5, v311] = await Promise.all([bulkhead([...words, '-V', '5']), bulkhead(words)])
    assert.equal(v5.stderr, 'bulkhead: ERR_CLIENT: Connection error: Not authorized (0x87)\n')
    assert.equal(v311.stderr, 'bulkhead: ERR_CLIENT: Connection error: Not authorized (5)\n')
    assert.deepEqual([v5.code, v311.code], [1, 1])
  })
})

describe('sub, called wrongly', () => {
  it('ends with 2: without a topic, with -c and no -i, with a QoS that is none', async () => {
    for (const words of [[], ['-t', 'a', '-c'], ['-t', 'a', '-q', '3'], ['-t', 'a', '-W', 'soon']]) {
      const { code, stderr } = await bulkhead(['sub', ...words])
      assert.match(stderr, /^bulkhead: ERR_USAGE: /)
      assert.equal(code, 2)
    }
  })
})
