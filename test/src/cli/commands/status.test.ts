import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startBroker } from '../../../support/broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

test('a broker that serves its clients says so, and who has how much', async () => {
  const socket = join(tempFolder({}), 'control.sock')
  await startBroker({ anonymous: true, controlSocket: socket })
  const { code, stdout, stderr } = await bulkhead(['status', '--socket', socket])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(
    stdout,
    /^ready: Bulkhead .*, process \d+, up for \d+ s\n0 connections, 0 sessions\n {2}default: /,
  )
  const json = await bulkhead(['status', '--socket', socket, '--json'])
  assert.equal((JSON.parse(json.stdout) as { ready: boolean }).ready, true)
})

test('without a broker the command says where it has looked', async () => {
  const { code, stderr } = await bulkhead(['status', '--socket', join(tempFolder({}), 'none.sock')])
  assert.deepEqual([code, /ERR_CONTROL: no broker/.test(stderr)], [1, true])
})
