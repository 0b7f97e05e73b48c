import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import {
  LOG_END_MS,
  LOG_FULL_RETRY_MS,
  LOG_PENDING_BYTES,
  LOG_RETRY_MS,
  LOG_WRITE_BYTES,
} from '../../../src/base/limits.ts'
import { LogSink, sinkFile } from '../../../src/observe/log-sink.ts'

const LINUX = process.platform === 'linux' ? false : 'only there a pipe is opened anew'

type Done = (error: NodeJS.ErrnoException | null, written: number) => void

/** A file that takes what it is told to take, when it is told. */
class SlowFile {
  readonly written: string[] = []
  readonly pausedMs: number[] = []
  /** Writes that have not come to their end. */
  readonly underWay: { readonly text: string; readonly bytes: Uint8Array; readonly done: Done }[] = []

  write(bytes: Uint8Array, done: Done): void {
    this.underWay.push({ text: Buffer.from(bytes).toString(), bytes, done })
  }

  writeSync(bytes: Uint8Array): number {
    // a pipe may take a part
    const part = bytes.subarray(0, 7)
    this.written.push(Buffer.from(part).toString())
    return part.length
  }

  pause(ms: number): void {
    this.pausedMs.push(ms)
  }

  /** Ends the oldest write. */
  finish(error: NodeJS.ErrnoException | null = null, part?: number): void {
    const { bytes, done } = this.underWay.shift() ?? assert.fail('nothing is being written')
    const taken = Buffer.from(bytes.subarray(0, error === null ? part : 0))
    this.written.push(taken.toString())
    done(error, taken.length)
  }

  get text(): string {
    return this.written.join('')
  }
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

test('one write is under way however many lines come, and the next one has all that waited', () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  for (const line of ['a\n', 'b\n', 'c\n']) sink.write(line)
  assert.deepEqual(
    file.underWay.map(({ text }) => text),
    ['a\n'],
  )
  file.finish()
  assert.deepEqual(
    file.underWay.map(({ text }) => text),
    ['b\nc\n'],
  )
  file.finish()
  assert.deepEqual([file.underWay.length, file.text], [0, 'a\nb\nc\n'])
  sink.write('d\n')
  file.finish()
  assert.equal(file.text, 'a\nb\nc\nd\n')
})

test('a write has whole lines, and no more than its bound but for one line that is longer', () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  const half = `${'h'.repeat(LOG_WRITE_BYTES / 2)}\n`
  const long = `${'l'.repeat(2 * LOG_WRITE_BYTES)}\n`
  for (const line of ['first\n', half, half, long, 'last\n']) sink.write(line)
  const sizes: number[] = []
  while (file.underWay[0] !== undefined) {
    sizes.push(file.underWay[0].text.length)
    file.finish()
  }
  assert.deepEqual(sizes, [6, half.length, half.length, long.length, 5])
})

test('what waits has a bound in bytes; what does not fit is dropped and counted once', () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  sink.write('under way\n')
  const line = `${'é'.repeat(511)}\n`
  const fitting = Math.floor(LOG_PENDING_BYTES / Buffer.byteLength(line))
  for (let count = 0; count < fitting + 3; count += 1) sink.write(line)
  assert.deepEqual([sink.takeDropped(), sink.takeDropped()], [3, 0])
  while (file.underWay.length > 0) file.finish()
  assert.equal(file.text.split('\n').length - 1, fitting + 1)
  sink.write('again\n')
  assert.equal(sink.takeDropped(), 0)
})

test('a part that was taken is not written twice, and a full pipe is tried again', async () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  sink.write('one\n')
  sink.write('two\n')
  file.finish(null, 2)
  assert.equal(file.underWay[0]?.text, 'e\n')
  file.finish(failure('EAGAIN'))
  assert.equal(file.underWay.length, 0)
  while (file.underWay.length === 0) await pause(LOG_RETRY_MS)
  file.finish()
  file.finish()
  assert.deepEqual([file.text, sink.takeDropped()], ['one\ntwo\n', 0])
})

test('it is told when all is written, and not before', async () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  await sink.written()
  sink.write('one\n')
  sink.write('two\n')
  let told = false
  const written = Promise.all([sink.written(), sink.written()]).then(() => (told = true))
  file.finish()
  await pause()
  assert.equal(told, false)
  file.finish()
  await written
})

test('a full disk is tried again, from where it was left; that it was full is told once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const file = new SlowFile()
  const told: string[] = []
  const sink = new LogSink(file, (error) => {
    told.push(error)
    sink.write('there is room\n')
  })
  for (const line of ['one\n', 'two\n', 'three\n']) sink.write(line)
  file.finish(null, 2)
  for (const code of ['ENOSPC', 'EDQUOT']) {
    file.finish(failure(code))
    t.mock.timers.tick(LOG_FULL_RETRY_MS - 1)
    assert.equal(file.underWay.length, 0, 'it is left alone')
    t.mock.timers.tick(1)
  }
  assert.deepEqual(told, [])
  while (file.underWay.length > 0) file.finish()
  assert.deepEqual([file.text, told, sink.takeDropped()], ['one\ntwo\nthree\nthere is room\n', ['ENOSPC'], 0])
})

test('lines that nobody takes any more are counted, and those after them are tried', () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  for (const line of ['one\n', 'two\n', 'three\n']) sink.write(line)
  file.finish()
  file.finish(failure('EPIPE'))
  assert.equal(sink.takeDropped(), 2)
  sink.write('four\n')
  file.finish()
  assert.equal(file.text, 'one\nfour\n')
})

test('at the end what waits and what is said last is written; a thread is given a moment', () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  for (const line of ['with the thread\n', 'waited one\n', 'waited two\n']) sink.write(line)
  sink.endWith(() => sink.write('said last\n'))
  assert.equal(file.text, 'waited one\nwaited two\nsaid last\n')
  assert.deepEqual(file.pausedMs, [LOG_END_MS])
  file.finish()
  assert.deepEqual([file.underWay.length, sink.takeDropped()], [0, 0])
})

test('at the end what a full pipe has not taken is tried once more, and given up', () => {
  const file = new SlowFile()
  const sink = new LogSink(file)
  for (const line of ['tried\n', 'waited\n']) sink.write(line)
  file.finish(failure('EAGAIN'))
  sink.endWith(() => undefined)
  assert.deepEqual([file.text, file.pausedMs], ['tried\nwaited\n', []])
  const full = new SlowFile()
  full.writeSync = () => {
    throw failure('EAGAIN')
  }
  const lost = new LogSink(full)
  lost.endWith(() => lost.write('lost\n'))
  assert.deepEqual([full.pausedMs, lost.takeDropped()], [[LOG_RETRY_MS], 1])
})

test('a pipe that nobody reads holds neither a thread nor the end', { skip: LINUX }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sink-'))
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  const sink = new LogSink(sinkFile(openSync(pipe, constants.O_WRONLY)))
  for (let count = 0; count < 4; count += 1) sink.write(`${'x'.repeat(LOG_WRITE_BYTES)}\n`)
  await pause(2 * LOG_RETRY_MS)
  sink.endWith(() => sink.write('last\n'))
  assert.ok(sink.takeDropped() > 0)
  closeSync(reader)
  rmSync(folder, { recursive: true })
})

test('a socket that nobody reads holds neither a thread nor the end', { skip: LINUX }, async () => {
  const module = JSON.stringify(new URL('../../../src/observe/log-sink.ts', import.meta.url).href)
  const program = `import { LogSink, sinkFile } from ${module}
    const sink = new LogSink(sinkFile(2))
    for (let count = 0; count < 16; count += 1) sink.write('x'.repeat(65_536) + '\\n')
    setTimeout(() => sink.endWith(() => sink.write('last')), ${2 * LOG_RETRY_MS})`
  // to a child a pipe of ours is a socket; it is not read before it ends
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  assert.deepEqual(await once(child, 'exit'), [0, null])
  child.stderr.destroy()
})

test('at the end no thread is begun with, nor waited for where none writes', () => {
  const file = new SlowFile()
  new LogSink(file).endWith(() => undefined)
  const sink = new LogSink(file)
  sink.endWith(() => sink.write('said last\n'))
  assert.deepEqual([file.underWay, file.pausedMs, file.text], [[], [], 'said last\n'])
})
