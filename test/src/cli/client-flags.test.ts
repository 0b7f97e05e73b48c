import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import {
  addClientFlags,
  type ClientFlags,
  type ClientTarget,
  clientTarget,
} from '../../../src/cli/client-flags.ts'

function target(...words: readonly string[]): ClientTarget {
  const command = addClientFlags(new Command().helpOption('--help').exitOverride())
  return clientTarget(command.parse(words, { from: 'user' }).opts<ClientFlags>())
}

describe('the flags of a client', () => {
  it('mean loopback, MQTT 3.1.1 and a clean session when there are none', () => {
    const { options, address, topic } = target()
    assert.equal(address, '127.0.0.1:1883')
    assert.equal(topic, undefined)
    const { protocol, protocolVersion, clean, keepalive, clientId, properties } = options
    assert.deepEqual(
      [protocol, protocolVersion, clean, keepalive, properties],
      ['mqtt', 4, true, 60, undefined],
    )
    assert.match(String(clientId), /^bulkhead-[0-9a-f]{12}$/)
  })

  it("are mosquitto's: -h is the host, and localhost is where brokers listen", () => {
    const { options } = target(...'-h localhost -p 7 -i me -u alice -P secret -k 5 -V 31 -c'.split(' '))
    assert.deepEqual(
      [options.host, options.port, options.clientId, options.username, options.password, options.keepalive],
      ['127.0.0.1', 7, 'me', 'alice', 'secret', 5],
    )
    assert.deepEqual([options.protocolVersion, options.protocolId, options.clean], [3, 'MQIsdp', false])
  })

  it('may come as one URL, with a user, an IPv6 host and a topic', () => {
    const { options, topic } = target('-L', 'mqtt://al%40ice:s%3Acret@[::1]:7/home/%23')
    assert.deepEqual([options.host, options.port, topic], ['::1', 7, 'home/#'])
    assert.deepEqual([options.username, options.password], ['al@ice', 's:cret'])
  })

  it('give way to single flags', () => {
    const { options } = target('-L', 'mqtt://alice@h:7/t', '-p', '8', '-u', 'bob')
    assert.deepEqual([options.host, options.port, options.username], ['h', 8, 'bob'])
  })

  it('take the path of a WebSocket URL for its path, and not for a topic', () => {
    const { options, topic } = target('--url', 'ws://127.0.0.1:8083/mqtt')
    assert.deepEqual([options.protocol, options.path, options.port, topic], ['ws', '/mqtt', 8083, undefined])
  })

  it('keep an MQTT 5 session for ever with -c, or as long as -x says', () => {
    const lines = ['-V 5 -i me', '-V 5 -i me -c', '-V 5 -i me -c -x 60']
    const expiries = lines.map((line) => target(...line.split(' ')).options.properties?.sessionExpiryInterval)
    assert.deepEqual(expiries, [undefined, 0xffff_ffff, 60])
  })

  it('make a will', () => {
    const { options } = target(
      ...'--will-topic gone --will-payload bye --will-qos 1 --will-retain -V 5 -D will content-type t'.split(
        ' ',
      ),
    )
    assert.deepEqual(options.will, {
      topic: 'gone',
      payload: Buffer.from('bye'),
      qos: 1,
      retain: true,
      properties: { contentType: 't' },
    })
  })

  it('are a usage error where they make no sense', () => {
    for (const words of ['-c', '-V 31 -i ', '--will-payload x', '-L http://h/', '-L nonsense', '-p 0']) {
      assert.throws(() => target(...words.split(' ')), { code: 'ERR_USAGE' }, words)
    }
  })
})
