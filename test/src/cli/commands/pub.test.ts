import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bulkhead, type Ended, startBulkhead } from '../bulkhead.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from '../foreign-broker.ts'

/** What a subscriber of ours at `at` prints of what `publish` publishes. */
async function received(
  at: readonly string[],
  count: number,
  publish: () => Promise<Ended>,
): Promise<string[]> {
  const words = ['sub', ...at, '-t', 'open/#', '-v', '-d', '-q', '2', '-C', String(count), '-R']
  const subscriber = startBulkhead(words)
  await subscriber.said(/received SUBACK/)
  const { code, stderr } = await publish()
  assert.equal(code, 0, stderr)
  const { stdout } = await subscriber.ended
  return stdout.split('\n').filter((line) => line.startsWith('open/'))
}

describe('pub, against a foreign broker', { skip: NO_FOREIGN_BROKER }, () => {
  let broker: ForeignBroker
  let at: readonly string[]

  before(async () => {
    broker = await ForeignBroker.start()
    at = ['-p', String(broker.port)]
  })

  after(() => broker.stop())

  it('publishes -m with QoS 0, 1 and 2, in MQTT 3.1, 3.1.1 and 5', async () => {
    for (const [qos, version] of [
      ['0', 'mqttv31'],
      ['1', '311'],
      ['2', '5'],
    ] as const) {
      const lines = await received(at, 1, () =>
        bulkhead(['pub', ...at, '-V', version, '-q', qos, '-t', `open/${qos}`, '-m', `hi ${version}`]),
      )
      assert.deepEqual(lines, [`open/${qos} hi ${version}`])
    }
  })

  it('publishes a message a line with -l, in order', async () => {
    const words = Array.from({ length: 50 }, (_, n) => `line ${n}`)
    const lines = await received(at, 50, () =>
      bulkhead(['pub', ...at, '-q', '1', '-t', 'open/l', '-l'], words.join('\n')),
    )
    assert.deepEqual(
      lines,
      words.map((word) => `open/l ${word}`),
    )
  })

  it('publishes stdin with -s, a file with -f, nothing with -n', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-pub-'))
    t.after(() => rm(folder, { recursive: true }))
    const file = path.join(folder, 'payload')
    writeFileSync(file, 'from a file')
    assert.deepEqual(
      await received(at, 1, () => bulkhead(['pub', ...at, '-t', 'open/s', '-s'], 'all of it')),
      ['open/s all of it'],
    )
    assert.deepEqual(await received(at, 1, () => bulkhead(['pub', ...at, '-t', 'open/f', '-f', file])), [
      'open/f from a file',
    ])
    assert.deepEqual(await received(at, 1, () => bulkhead(['pub', ...at, '-t', 'open/n', '-n'])), [
      'open/n (null)',
    ])
  })

  it('takes the address, the topic and a retained flag from --url and -r', async () => {
    const url = `mqtt://127.0.0.1:${broker.port}/open/url`
    assert.equal((await bulkhead(['pub', '--url', url, '-r', '-m', 'kept'])).code, 0)
    const { stdout } = await bulkhead(['sub', '-L', url, '-C', '1'])
    assert.equal(stdout, 'kept\n')
  })
})

describe('pub, refused by a foreign broker', { skip: NO_FOREIGN_BROKER }, () => {
  let broker: ForeignBroker
  let at: readonly string[]

  before(async () => {
    broker = await ForeignBroker.start(['allow_anonymous true'], 'topic readwrite open/#\n')
    at = ['-p', String(broker.port)]
  })

  after(() => broker.stop())

  it('says why MQTT 5 refused a message, and ends with 1', async () => {
    const { code, stderr } = await bulkhead(['pub', ...at, '-V', '5', '-q', '1', '-t', 'closed', '-m', 'x'])
    assert.equal(stderr, 'bulkhead: ERR_CLIENT: Publish to closed refused: Not authorized (0x87)\n')
    assert.equal(code, 1)
  })

  it('says nothing with --quiet, and ends with 1 all the same', async () => {
    const { code, stderr } = await bulkhead([
      'pub',
      ...at,
      '-V',
      '5',
      '-q',
      '1',
      '--quiet',
      '-t',
      'closed',
      '-n',
    ])
    assert.deepEqual([code, stderr], [1, ''])
  })
})

describe('pub, without a broker', () => {
  it('says that there is none, and ends with 1', async () => {
    const { code, stderr } = await bulkhead(['pub', '-p', '1', '-t', 'a', '-m', 'x'])
    assert.match(stderr, /^bulkhead: ERR_CLIENT: 127\.0\.0\.1:1: .*ECONNREFUSED/)
    assert.equal(code, 1)
  })

  it('ends with 2 when the topic, or what to publish, is missing or no such thing', async () => {
    for (const words of [
      ['-m', 'x'],
      ['-t', 'a'],
      ['-t', 'a', '-m', 'x', '-n'],
      ['-t', 'a/#', '-m', 'x'],
    ]) {
      const { code, stderr } = await bulkhead(['pub', ...words])
      assert.match(stderr, /^bulkhead: ERR_USAGE: /)
      assert.equal(code, 2)
    }
  })
})
