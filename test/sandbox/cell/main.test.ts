import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { after, test } from 'node:test'
import { cellProgram } from '../../../sandbox/host/cells/cell-program.ts'
import { FrameEncoder } from '../../../sandbox/host/cells/frame-encoder.ts'
import { FrameReader } from '../../../sandbox/wire/frames.ts'
import { FRAME } from '../../../sandbox/wire/messages.ts'

async function startCell() {
  const flags = ['--jitless', '--no-node-snapshot', '--permission', '--allow-addons', '--no-warnings', '-']
  const child = spawn(process.execPath, flags, { env: {}, stdio: ['pipe', 'ignore', 'inherit', 'pipe'] })
  after(() => child.kill('SIGKILL'))
  child.stdin?.end(await cellProgram())
  return { child, socket: child.stdio[3] as Duplex }
}

test('a cell answers frame by frame, however its bytes arrive, and ends with its broker', async () => {
  const { child, socket } = await startCell()
  const encoder = new FrameEncoder()
  for (let id = 0; id < 3; id += 1) {
    Object.assign(encoder.header, { type: FRAME.hello, id })
    encoder.add('')
  }
  for (const byte of Buffer.from(encoder.take())) socket.write(Buffer.from([byte]))
  const reader = new FrameReader(1000)
  const ids: number[] = []
  while (ids.length < 3) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    reader.push(chunk)
    while (reader.next() === 'frame') ids.push(reader.header.id)
  }
  assert.deepEqual(ids, [0, 1, 2])
  socket.end()
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
