import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'node:test'
import type { FromTarget } from '../../../../src/cli/attack/target-messages.ts'

const PROGRAM = path.join(import.meta.dirname, '..', '..', '..', '..', 'src', 'cli', 'attack', 'target.ts')

test('it counts what it holds before and after, and ends with whoever started it', async (t) => {
  const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  const answer = async (message: object): Promise<FromTarget> => {
    const answered = once(child, 'message') as Promise<[FromTarget]>
    child.send(message)
    const [first] = await answered
    return first
  }
  const listeners = { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }
  assert.equal((await answer({ do: 'start', config: { listeners, anonymous: true } })).is, 'started')
  const stopped = await answer({ do: 'stop' })
  assert.ok(stopped.is === 'stopped')
  if (process.platform === 'linux') assert.ok(stopped.before.descriptors > 0 && stopped.before.threads > 0)
  assert.deepEqual(stopped.after, stopped.before)
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
})
