import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { NO_MOSQUITTO, run } from '../support/mosquitto.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { bulkhead } from '../src/cli/bulkhead.ts'

const LISTENER = { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }
const SESSION = ['-i', 'keeper', '-c', '-q', '1', '-t', 'kept/#']

function started(data: string, controlSocket?: string): Promise<BrokerProcess> {
  return BrokerProcess.start({ listeners: LISTENER, data, anonymous: true, controlSocket })
}

async function stopped(broker: BrokerProcess): Promise<void> {
  broker.child.kill('SIGTERM')
  await broker.until(() => broker.child.exitCode !== null)
}

const STOP = { timeout: 120_000, skip: NO_MOSQUITTO }

test(
  'what a broker keeps is copied while it runs, and elsewhere there again with its messages',
  STOP,
  async () => {
    const data = tempFolder({})
    const [file, elsewhere, socket] = ['backup.db', 'restored', 'control.sock'].map((name) =>
      join(tempFolder({}), name),
    ) as [string, string, string]
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
  },
)
