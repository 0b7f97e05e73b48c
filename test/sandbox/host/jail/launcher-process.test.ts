import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import type { FromLauncher, ToLauncher } from '../../../../sandbox/host/jail/launcher.ts'
import { eventually, isRunning } from '../../../support/processes.ts'

const LINUX = process.platform === 'linux' ? false : 'which process runs is told by Linux alone'
const PROGRAM = new URL('../../../../sandbox/host/jail/launcher-process.ts', import.meta.url)
/** Nothing but SIGKILL ends it. */
const STUCK = "require('node:fs').readSync(3, Buffer.alloc(5)); for (;;);"

function startLauncher(): ChildProcess {
  const launcher = fork(fileURLToPath(PROGRAM), { serialization: 'advanced', env: {}, execArgv: [] })
  // it takes its cells along
  after(() => launcher.connected && launcher.disconnect())
  return launcher
}

/** A launcher with one cell, which is stuck. */
async function stuck(): Promise<{ readonly launcher: ChildProcess; readonly pids: readonly number[] }> {
  const launcher = startLauncher()
  const tell = (message: ToLauncher): boolean => launcher.send(message)
  tell({ do: 'program', text: STUCK })
  tell({ do: 'start', id: 1, command: { file: process.execPath, args: ['-'] } })
  const [started] = (await once(launcher, 'message')) as [FromLauncher]
  assert.ok(started.is === 'started')
  const [connected, socket] = (await once(launcher, 'message')) as [FromLauncher, Socket]
  assert.equal(connected.is, 'connected')
  // it ends by being killed
  socket.on('error', () => undefined)
  tell({ do: 'let go', id: 1 })
  assert.deepEqual(await once(launcher, 'message'), [{ is: 'let go', id: 1 }, undefined])
  socket.write('speak')
  return { launcher, pids: [started.pid, launcher.pid ?? 0] }
}

test('when its channel ends it takes its cells along, those that hang too', { skip: LINUX }, async () => {
  const { launcher, pids } = await stuck()
  assert.ok(pids.every(isRunning))
  launcher.disconnect()
  await once(launcher, 'exit')
  await eventually(() => !pids.some(isRunning))
})

test('what is said of a cell that is gone, or never was, changes nothing', { skip: LINUX }, async () => {
  const { launcher, pids } = await stuck()
  for (const id of [7, 1, 1]) launcher.send({ do: 'kill', id } satisfies ToLauncher)
  const [ended] = (await once(launcher, 'message')) as [FromLauncher]
  assert.deepEqual(ended, { is: 'ended', id: 1, reason: 'SIGKILL', said: '' })
  launcher.send({ do: 'hear', id: 1 } satisfies ToLauncher)
  assert.ok(isRunning(pids[1] ?? 0))
  launcher.disconnect()
  await once(launcher, 'exit')
})

test('one cell starts after the other: the next one when the socket before it has arrived, or its cell ended', async () => {
  const launcher = startLauncher()
  const told: string[] = []
  const pids: number[] = []
  const woken: (() => void)[] = []
  launcher.on('message', (message: FromLauncher) => {
    told.push(`${message.is} ${message.id}`)
    if (message.is === 'started') pids.push(message.pid)
    for (const wake of woken.splice(0)) wake()
  })
  const until = async (what: string): Promise<void> => {
    while (!told.includes(what)) await new Promise<void>((resolve) => woken.push(resolve))
  }
  const tell = (message: ToLauncher): boolean => launcher.send(message)
  tell({ do: 'program', text: 'setInterval(() => {}, 1000)' })
  for (const id of [1, 2, 3, 4]) tell({ do: 'start', id, command: { file: process.execPath, args: ['-'] } })
  // one that never started ends too
  tell({ do: 'kill', id: 3 })
  await until('ended 3')
  assert.deepEqual(told, ['started 1', 'connected 1', 'ended 3'])
  tell({ do: 'let go', id: 1 })
  await until('connected 2')
  tell({ do: 'kill', id: 2 })
  await until('connected 4')
  assert.deepEqual(told.slice(3), [
    'let go 1',
    'started 2',
    'connected 2',
    'ended 2',
    'started 4',
    'connected 4',
  ])
  launcher.disconnect()
  await once(launcher, 'exit')
  if (LINUX === false) await eventually(() => !pids.some(isRunning))
})
