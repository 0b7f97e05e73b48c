import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { eventually } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'
import { SmallDisk } from '../support/small-disk.ts'
import { tempFolder } from '../support/temp-folder.ts'

const DISK = await SmallDisk.open('16m')
const NO_DISK =
  DISK === null ? 'a disk of its own needs root, namespaces, mkfs.ext4 and a loop device' : false
const NO_LIMIT = spawnSync('prlimit', ['--version']).error === undefined ? false : 'prlimit is not installed'
const DATA = path.join(DISK?.folder ?? tempFolder({}), 'data')
const DATA_FROM_HERE = path.join(DISK?.root ?? '/', DATA)
const CONFIG = { listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }, data: DATA, anonymous: true }
const KEPT = { clientId: 'kept', clean: false, properties: { sessionExpiryInterval: 3600 } } as const
/** More than what the log of a store that has hardly been used has room for already. */
const PADDING = 100_000

/** One broker, which lives through one fault after the other. */
class Stage {
  readonly broker: BrokerProcess
  readonly publisher: RawClient
  readonly bystander: RawClient
  /** The numbers of the messages that were acknowledged. */
  readonly acknowledged: number[] = []
  #last = 0

  private constructor(broker: BrokerProcess, publisher: RawClient, bystander: RawClient) {
    this.broker = broker
    this.publisher = publisher
    this.bystander = bystander
  }

  static async open(): Promise<Stage> {
    const broker = await BrokerProcess.start(CONFIG, {}, process.env, DISK?.inside ?? [])
    const publisher = await RawClient.connect(broker.port, 5)
    const bystander = await RawClient.connect(broker.port, 5)
    await bystander.subscribe({ topic: 'live', qos: 0 })
    return new Stage(broker, publisher, bystander)
  }

  /** Sends the next message to who is away. */
  publish(): void {
    this.#last += 1
    const payload = `${this.#last} `.padEnd(PADDING, '-')
    this.publisher.publish({ topic: 'durable/t', payload, qos: 1, messageId: this.#last })
  }

  async puback(): Promise<void> {
    const { messageId = 0, reasonCode } = await this.publisher.expect('puback')
    assert.equal(reasonCode ?? 0, 0)
    this.acknowledged.push(messageId)
  }

  /** How often the log has said so. */
  said(words: string): number {
    return this.broker.log.filter(({ msg }) => msg.includes(words)).length
  }

  /** A message comes while the disk fails: what the log says, and that nobody is told that it is safe. */
  async publishInVain(cause: RegExp): Promise<void> {
    const words = 'the store cannot be written'
    const before = this.said(words)
    this.publish()
    await this.broker.until(() => this.said(words) > before)
    const why = this.broker.log.findLast(({ msg }) => msg.includes(words))?.why ?? ''
    assert.match(why, cause)
    assert.ok(why.includes(DATA), `it names the folder: ${why}`)
    // what needs no disk goes on
    this.bystander.publish({ topic: 'live', payload: 'on' })
    assert.equal(String((await this.bystander.expect('publish')).payload), 'on')
    await this.publisher.silence()
  }

  /** What waited is acknowledged by itself, and all goes on. */
  async goesOn(): Promise<void> {
    await this.puback()
    await this.broker.until(
      () => this.said('the store is written again') === this.said('the store cannot be'),
    )
    this.publish()
    await this.puback()
  }
}

const stage = await Stage.open()
const away = await RawClient.connect(stage.broker.port, 5, KEPT)
await away.subscribe({ topic: 'durable/#', qos: 1 })
away.socket.destroy()

describe('while the disk takes nothing, nothing is acknowledged, and all goes on when it does again:', {
  timeout: 60_000,
}, () => {
  test('a disk that is full', { skip: NO_DISK }, async () => {
    DISK?.fill()
    await stage.publishInVain(/database or disk is full/)
    DISK?.makeRoom()
    await stage.goesOn()
  })

  test('a disk that fails and is read-only, until it is mounted anew', { skip: NO_DISK }, async () => {
    DISK?.failReadOnly()
    await stage.publishInVain(/disk I\/O error; SQLite's code \d+/)
    // nobody holds a file of it open meanwhile
    await eventually(() => DISK?.unmount() === true)
    await eventually(() => DISK?.mount() === true)
    await stage.goesOn()
  })

  test('a system that refuses to write', { skip: NO_LIMIT }, async () => {
    const limit = (most: string): unknown =>
      spawnSync('prlimit', ['--pid', String(stage.broker.child.pid), `--fsize=${most}:unlimited`])
    limit('4096')
    await stage.publishInVain(/disk I\/O error; SQLite's code \d+/)
    limit('unlimited')
    await stage.goesOn()
  })

  test('a folder that is moved away: an open file would take what is written', async () => {
    renameSync(DATA_FROM_HERE, `${DATA_FROM_HERE}-away`)
    await stage.publishInVain(/was deleted, moved or replaced under the broker.*ENOENT/)
    renameSync(`${DATA_FROM_HERE}-away`, DATA_FROM_HERE)
    await stage.goesOn()
  })

  test('a broker killed after all this has everything that it acknowledged, in order and once', async () => {
    await stage.broker.end('SIGKILL')
    const { acknowledged } = stage
    const broker = await BrokerProcess.start(CONFIG, {}, process.env, DISK?.inside ?? [])
    const kept = await RawClient.connect(broker.port, 5, KEPT)
    const received: number[] = []
    for (const _ of acknowledged) {
      const { payload, messageId = 0 } = await kept.expect('publish')
      received.push(Number.parseInt(String(payload), 10))
      kept.send({ cmd: 'puback', messageId })
    }
    await kept.silence()
    assert.deepEqual(received, acknowledged)
  })
})
