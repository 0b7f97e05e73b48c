import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { parseFormat } from '../../../src/cli/output-format.ts'
import { NO_MOSQUITTO, run, subscribe } from '../../support/mosquitto.ts'
import { startBulkhead } from './bulkhead.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from './foreign-broker.ts'

const packet = {
  cmd: 'publish',
  topic: 'a/b',
  payload: '',
  qos: 1,
  dup: false,
  retain: true,
  messageId: 3,
} as const

function formatted(format: string, payload: Buffer | string = 'hello'): string {
  return String(parseFormat(format)({ topic: 'a/b', payload: Buffer.from(payload), packet }))
}

it('what is no sequence stands as it is', () => {
  assert.equal(formatted(''), '')
  assert.equal(formatted('plain é'), 'plain é')
})

it('bytes come out as they are', () => {
  const payload = Buffer.from([0xff, 0x00])
  assert.deepEqual(
    parseFormat('<%p>')({ topic: 'a', payload, packet }),
    Buffer.from([0x3c, 0xff, 0x00, 0x3e]),
  )
})

it('every escape is its character', () => {
  assert.equal(formatted('\\\\\\0\\a\\e\\n\\r\\t\\v'), '\\\0\u0007\u001B\n\r\t\v')
})

it('a sequence that is none is a usage error, wherever it stands', () => {
  for (const format of [
    '%',
    '%z',
    'a%5',
    '@',
    '@Q',
    '\\',
    '\\x',
    '%5%',
    '%-j',
    '%constructor',
    '%5.1toString%y',
  ])
    assert.throws(() => parseFormat(format), { code: 'ERR_USAGE', message: /-F has no sequence/ }, format)
})

it('a payload is padded, and never cut', () => {
  assert.equal(
    formatted('%012x|%14X|%-7p|%7p|%.2p', 'hello'),
    '0068656c6c6f|    68656C6C6F|hello  |  hello|hello',
  )
})

it('a longest width cuts a topic', () => {
  assert.equal(formatted('%.2t|%5.2t|%-5.2t|'), 'a/|   a/|a/   |')
})

/** What is not alike in two clients. */
function withoutTime(line: string): string {
  return line.replace(/"tst":"[^"]*"/, '').replace(/,?"mid":\d+/, '')
}

describe('a format', { skip: NO_FOREIGN_BROKER || NO_MOSQUITTO }, () => {
  let broker: ForeignBroker

  before(async () => {
    broker = await ForeignBroker.start()
  })

  after(() => broker.stop())

  it('prints what mosquitto_sub prints', async () => {
    // without the times, which are not the same twice, and widths of payloads, of which mosquitto 2.0 cuts
    // off the end
    const format = '%l|%p|%q|%r|%t|%x|%X|%C|%D|%E|%F|%P|%R|%S|%A|%%|@@|%10t|%-10t|%010l|%-5l|%3l|\\t\\\\|%J'
    const common = ['-t', 'a/#', '-q', '1', '-F', format, '-C', '2', '-V', '5']
    const theirs = await subscribe(broker.port, common)
    const ours = startBulkhead(['sub', '-p', String(broker.port), ...common, '-d'])
    await ours.said(/received SUBACK/)
    const pub = (...words: readonly string[]) => run('mosquitto_pub', broker.port, ['-V', '5', ...words])
    const properties = [
      ['user-property', 'k', 'v'],
      ['user-property', 'l', 'w x'],
      ['content-type', 'text/x'],
      ['correlation-data', 'cd'],
      ['response-topic', 'r/t'],
      ['message-expiry-interval', '600'],
      ['payload-format-indicator', '1'],
    ].flatMap((property) => ['-D', 'publish', ...property])
    await pub('-t', 'a/"b', '-m', '{"é": [1]}', ...properties)
    await pub('-t', 'a/plain', '-m', '"x"')
    const { stdout } = await ours.ended
    const lines = stdout.split('\n').filter((line) => !/^Client |^$/.test(line))
    assert.deepEqual(lines.map(withoutTime), (await theirs.lines(2)).map(withoutTime))
    assert.equal(lines.length, 2)
  })
})
