import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { BrokerProcess } from '../../../support/broker-process.ts'
import { NO_MOSQUITTO, run } from '../../../support/mosquitto.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const LISTENER = { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }
const SESSION = ['-i', 'keeper', '-c', '-q', '1', '-t', 'kept/#']

function started(data: string, controlSocket?: string): Promise<BrokerProcess> {
  return BrokerProcess.start({ listeners: LISTENER, data, anonymous: true, controlSocket })
}

async function stopped(broker: BrokerProcess): Promise<void> {
  broker.child.kill('SIGTERM')
  await broker.until(() => broker.child.exitCode !== null)
}

describe('what a broker keeps', { timeout: 120_000, skip: NO_MOSQUITTO }, () => {
  const data = tempFolder({})
  const [file, elsewhere, socket] = ['backup.db', 'restored', 'control.sock'].map((name) =>
    join(tempFolder({}), name),
  ) as [string, string, string]

  test('is copied while it runs, restored into another folder, and there again with its messages', async () => {
    const broker = await started(data, socket)
    assert.equal((await run('mosquitto_sub', broker.port, [...SESSION, '-E'])).code, 0)
    const publish = (words: readonly string[]) => run('mosquitto_pub', broker.port, ['-q', '1', ...words])
    await publish(['-t', 'kept/queued', '-m', 'waits'])
    await publish(['-t', 'retained', '-m', 'stays', '-r'])

    const status = await bulkhead(['status', '--socket', socket, '--json'])
    const { ready, tenants } = JSON.parse(status.stdout) as { ready: boolean; tenants: object[] }
    assert.deepEqual([status.code, ready, status.stderr], [0, true, ''])
    assert.deepEqual(tenants[0], {
      ...tenants[0],
      tenant: 'default',
      connections: 0,
      sessions: 1,
      queuedMessages: 1,
    })

    const copied = await bulkhead(['backup', '--data', data, file])
    assert.deepEqual([copied.code, copied.stderr], [0, ''])
    assert.match(copied.stdout, /KiB of .*, whole and on the disk/)
    assert.equal(statSync(file).mode & 0o777, 0o600)

    const busy = await bulkhead(['restore', '--data', data, '--force', file])
    assert.equal(busy.code, 1)
    assert.match(busy.stderr, /ERR_STORE: another broker uses the data folder/)
    await stopped(broker)

    const back = await bulkhead(['restore', '--data', elsewhere, file])
    assert.deepEqual([back.code, back.stderr], [0, ''])
    const again = await started(elsewhere)
    const queued = await run('mosquitto_sub', again.port, [...SESSION, '-C', '1', '-W', '20'])
    const retained = await run('mosquitto_sub', again.port, ['-t', 'retained', '-C', '1', '-W', '20'])
    assert.deepEqual([queued.stdout, retained.stdout], ['waits\n', 'stays\n'])
    await stopped(again)
  })

  test('is examined: sizes a tenant, and that it is whole', async () => {
    const { code, stdout, stderr } = await bulkhead(['store', 'check', '--data', data])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /KiB, format 1, whole\n/)
    assert.match(stdout, /^default +1 +1 +1 \(\d+ B\) +1 \(\d+ B\)/m)
    const json = await bulkhead(['store', 'check', '--data', data, '--json'])
    const { faults, tenants } = JSON.parse(json.stdout) as {
      faults: string[]
      tenants: { sessions: number }[]
    }
    assert.deepEqual([faults, tenants.map(({ sessions }) => sessions)], [[], [1]])
  })

  test('says what is wrong with it, and ends with 1', async () => {
    const database = new DatabaseSync(join(data, 'bulkhead.db'))
    database.exec('DELETE FROM session')
    database.close()
    const { code, stdout } = await bulkhead(['store', 'check', '--data', data])
    assert.equal(code, 1)
    assert.match(stdout, /not whole/)
    assert.match(stdout, /messages owed to no session: 1\n {2}subscriptions of no session: 1/)
  })

  test('is neither overwritten nor replaced unless that is said', async () => {
    const twice = await bulkhead(['backup', '--data', data, file])
    assert.deepEqual([twice.code, /is there already; --force/.test(twice.stderr)], [1, true])
    const over = await bulkhead(['restore', '--data', data, file])
    assert.deepEqual([over.code, /holds a store already; --force/.test(over.stderr)], [1, true])
    const forced = await bulkhead(['restore', '--data', data, '--force', file])
    assert.deepEqual([forced.code, forced.stderr], [0, ''])
    assert.ok(readdirSync(data).some((name) => name.startsWith('bulkhead.db.before-')))
    assert.equal((await bulkhead(['store', 'check', '--data', data])).code, 0)
  })

  test('a file that is no whole backup changes nothing', async () => {
    const folder = tempFolder({ 'text.db': 'not a database, but long enough to be looked at: '.repeat(100) })
    const [text, empty, cut] = ['text.db', 'empty.db', 'cut.db'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(empty, '')
    assert.equal((await bulkhead(['backup', '--data', data, cut])).code, 0)
    truncateSync(cut, statSync(cut).size - 8192)
    const target = join(folder, 'data')
    for (const bad of [text, empty, cut]) {
      const { code, stderr } = await bulkhead(['restore', '--data', target, bad])
      assert.equal(code, 1, bad)
      assert.match(stderr, /is no whole backup of a store/)
    }
    assert.equal(existsSync(target), false)
  })

  test('where there is nothing, that is said; without a folder it is an error of usage', async () => {
    for (const words of [
      ['backup', '--data', tempFolder({}), join(tempFolder({}), 'x.db')],
      ['store', 'check', '--data', tempFolder({})],
    ]) {
      const { code, stderr } = await bulkhead(words)
      assert.equal(code, 1)
      assert.match(stderr, /ERR_STORE: there is no store in /)
    }
    const { code, stderr } = await bulkhead(['store', 'check'])
    assert.deepEqual([code, /ERR_USAGE: give --data DIR, or --config FILE/.test(stderr)], [2, true])
    const none = await bulkhead(['status', '--socket', join(tempFolder({}), 'none.sock')])
    assert.deepEqual([none.code, /ERR_CONTROL: no broker/.test(none.stderr)], [1, true])
  })
})
