import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { portIn } from '../support/broker-process.ts'
import { bulkhead } from '../src/cli/bulkhead.ts'
import { eventually } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts')
const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({ authenticate: () => allow(), authorizePublish: () => deny('notAuthorized') })`
const disk = mkdtempSync(path.join(tmpdir(), 'bulkhead-disk-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status === 0
after(() => {
  if (mounted) spawnSync('umount', ['--lazy', disk])
  rmdirSync(disk)
})
const folder = tempFolder({
  'gate/plugin.ts': GATE,
  'broker.yaml': JSON.stringify({
    listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
    controlSocket: path.join(disk, 'control.sock'),
    plugins: { './gate': {} },
  }),
})
test('with its log and its control socket on a full disk it decides, says so once there is room, and ends', {
  skip: mounted ? false : 'a small file system cannot be mounted here',
  timeout: 60_000,
}, async () => {
  const log = openSync(path.join(disk, 'log'), 'a')
  const broker = spawn(process.execPath, [MAIN, 'start', '-c', path.join(folder, 'broker.yaml')], {
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  after(() => broker.kill('SIGKILL'))
  const client = await RawClient.connect(await portIn(broker.stdout), 5, { clientId: 'c' })
  fill(path.join(disk, 'fill'))
  const ask = async (topic: string): Promise<void> => {
    client.publish({ topic, qos: 1, messageId: 1 })
    assert.equal((await client.expect('puback')).reasonCode, 0x87)
  }
  for (let count = 0; count < 12; count += 1) await ask(`full/${'x'.repeat(400)}`)
  const words = [
    '--socket',
    path.join(disk, 'control.sock'),
    '--client',
    'c',
    '--topic',
    'full',
    '--qos',
    '1',
  ]
  const explained = await bulkhead(['explain', '--action', 'publish', ...words])
  assert.match(explained.stdout, /gate/)
  rmSync(path.join(disk, 'fill'))
  const said = (): readonly string[] => readFileSync(path.join(disk, 'log'), 'utf8').split('\n')
  await eventually(() => said().some((line) => line.includes('there was no room')))
  await ask('room')
  broker.kill('SIGTERM')
  assert.deepEqual(await once(broker, 'exit'), [0, null])
  const lines = said()
  // no line is torn
  for (const line of lines) if (line !== '') JSON.parse(line)
  assert.equal(lines.filter((line) => line.includes('there was no room')).length, 1)
})

/** Leaves not one byte. */
function fill(at: string): void {
  const file = openSync(at, 'a')
  for (const bytes of [64 * 1024, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
  closeSync(file)
}
