import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { FIRST_INPUT } from '../../../../sandbox/host/jail/launch.ts'
import { type Launched, type LaunchEvents, Launcher } from '../../../../sandbox/host/jail/launcher.ts'
import { STDERR_CHARS, STDERR_FLOOD_CHARS } from '../../../../sandbox/limits.ts'
import { children, eventually, isRunning } from '../../../support/processes.ts'

const LINUX = process.platform === 'linux' ? false : 'who is whose child is told by Linux alone'
/** As Linux has it in a descriptor's flags. */
const CLOSED_ON_EXEC = 0o2000000
/** What whoever runs the tests left open for all its processes. */
const INHERITED: ReadonlySet<string> = new Set(
  process.platform === 'linux' ? readdirSync('/proc/self/fd').filter((each) => !isClosedOnExec(each)) : [],
)
const NODE = { file: process.execPath, args: ['-'] }
const SHELL = { file: '/bin/sh', args: ['-s'] }

function isClosedOnExec(descriptor: string): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]
    return (Number.parseInt(flags ?? '', 8) & CLOSED_ON_EXEC) !== 0
  } catch {
    // the one that read the list
    return true
  }
}

/** A cell, and what was told of it. */
class Followed implements LaunchEvents {
  readonly launched: Launched
  readonly #socket = Promise.withResolvers<Socket>()
  readonly #end = Promise.withResolvers<{ readonly reason: string; readonly said: string }>()
  readonly #hears: () => boolean

  constructor(launcher: Launcher, command = NODE, inputs: readonly Uint8Array[] = [], hears = () => true) {
    this.#hears = hears
    this.launched = launcher.start({ ...command, inputs }, this)
  }

  /** All that it says on its socket. */
  async said(): Promise<string> {
    return text(await this.#socket.promise)
  }

  get socket(): Promise<Socket> {
    return this.#socket.promise
  }

  get end(): Promise<{ readonly reason: string; readonly said: string }> {
    return this.#end.promise
  }

  connected(socket: Socket): void {
    socket.write('speak')
    this.#socket.resolve(socket)
  }

  loud(): boolean {
    return this.#hears()
  }

  ended(reason: string, said: string): void {
    this.#end.resolve({ reason, said })
  }
}

/** A program that says that it is there when it is asked, and stays. */
const STAY = `const fs = require('node:fs')
  fs.readSync(3, Buffer.alloc(5))
  fs.writeSync(3, 'here')
  setInterval(() => {}, 1000)`

/** Resolves once a cell runs that stays. */
async function here(launcher: Launcher): Promise<Followed> {
  const cell = new Followed(launcher)
  await once(await cell.socket, 'data')
  return cell
}

test('a cell gets the program, its inputs and its socket, and nothing of our environment', async () => {
  const read = `const fs = require('node:fs')
    const all = [${FIRST_INPUT}, ${FIRST_INPUT + 1}].map((fd) => fs.readFileSync(fd, 'utf8'))
    const heard = Buffer.alloc(5)
    fs.readSync(3, heard)
    fs.writeSync(3, JSON.stringify([all, heard.toString(), process.env]))`
  const launcher = new Launcher(read)
  const inputs = ['one', 'two'].map((each) => new TextEncoder().encode(each))
  const cell = new Followed(launcher, NODE, inputs)
  assert.equal(await cell.said(), '[["one","two"],"speak",{}]')
  assert.deepEqual(await cell.end, { reason: 'exit code 0', said: '' })
  await launcher.stop()
})

test('cells that start together have nothing open but what is theirs', { skip: LINUX }, async () => {
  const launcher = new Launcher('head -c 5 <&3 >/dev/null; ls /proc/self/fd | tr "\\n" " " >&3')
  const cells = [1, 2, 3, 4].map(() => new Followed(launcher, SHELL))
  for (const cell of cells) {
    // input, output, last words, socket; and the folder that `ls` reads
    const open = (await cell.said()).trim().split(' ')
    assert.deepEqual(
      open.filter((descriptor) => !INHERITED.has(descriptor)),
      ['0', '1', '2', '3', '4'],
    )
  }
  await launcher.stop()
})

test('however many cells start, the broker forks once', { skip: LINUX }, async () => {
  const launcher = new Launcher(STAY)
  assert.deepEqual(children(process.pid), [])
  const cells = await Promise.all([1, 2, 3, 4].map(() => here(launcher)))
  const forked = children(process.pid)
  assert.equal(forked.length, 1)
  const pids = cells.map(({ launched }) => launched.pid)
  assert.deepEqual(new Set(children(forked[0])), new Set(pids))
  await launcher.stop()
  assert.deepEqual(children(process.pid), [])
  await eventually(() => pids.every((pid) => !isRunning(pid ?? 0)))
})

test('one that was stopped by a signal is killed where it is to end', { skip: LINUX }, async () => {
  const launcher = new Launcher(STAY)
  await here(launcher)
  const [forked = 0] = children(process.pid)
  process.kill(forked, 'SIGSTOP')
  await launcher.stop()
  assert.equal(isRunning(forked), false)
})

test('how a cell ended is told with the end of its last words', async () => {
  const launcher = new Launcher(
    `process.stderr.write('x'.repeat(${STDERR_CHARS}) + 'last'); process.exitCode = 3`,
  )
  const { reason, said } = await new Followed(launcher).end
  assert.deepEqual([reason, said.length, said.slice(-5)], ['exit code 3', STDERR_CHARS, 'xlast'])
  await launcher.stop()
})

test('a program that is not there is a cell that ends', async () => {
  const launcher = new Launcher('')
  const { reason } = await new Followed(launcher, { file: '/nowhere/node', args: [] }).end
  assert.match(reason, /ENOENT/)
  await launcher.stop()
})

test('what starts cells may not start itself: its cells end, and the next one is tried anew', async () => {
  const launcher = new Launcher('')
  const { execPath } = process
  // the system refuses within the call, as it does for want of memory
  process.execPath = `/${'x'.repeat(5000)}`
  const lost = new Followed(launcher)
  process.execPath = execPath
  assert.match((await lost.end).reason, /^what starts cells does not start: spawn ENAMETOOLONG$/)
  assert.equal((await new Followed(launcher).end).reason, 'exit code 0')
  await launcher.stop()
})

test('a cell whose socket the broker has no descriptor for ends at once, and the next one has its own', {
  skip: LINUX,
}, async () => {
  const program = JSON.stringify("process.exit(require('node:fs').readSync(3, Buffer.alloc(1)))")
  const module = JSON.stringify(new URL('../../../../sandbox/host/jail/launcher.ts', import.meta.url).href)
  const driver = `
    import { closeSync, openSync } from 'node:fs'
    import { Launcher } from ${module}
    process.on('warning', () => undefined)
    const launcher = new Launcher(${program})
    const reason = () => new Promise((ended) => launcher.start({ file: process.execPath, args: ['-'] }, {
      connected: (socket) => socket.write('x'), loud: () => true, ended }))
    const reasons = [await reason()]
    const open = []
    try { for (;;) open.push(openSync('/dev/null')) } catch { reasons.push(await reason()) }
    for (const each of open) closeSync(each)
    reasons.push(await reason())
    await launcher.stop()
    console.log(JSON.stringify(reasons))`
  const line = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, '--no-warnings']
  const run = promisify(execFile)
  const { stdout } = await run('/bin/sh', [...line, '--input-type=module', '-e', driver], { timeout: 20_000 })
  assert.deepEqual(JSON.parse(stdout), [
    'exit code 1',
    'exit code 0, before the broker had its socket',
    'exit code 1',
  ])
})

test('a cell is killed, even before it is there, and once it has ended nothing is', async () => {
  const launcher = new Launcher(STAY)
  const early = new Followed(launcher)
  early.launched.kill()
  // on a busy machine it is there, and gone, before its socket is
  assert.match((await early.end).reason, /^SIGKILL(, before the broker had its socket)?$/)
  const { launched, end } = await here(launcher)
  launched.kill()
  assert.equal((await end).reason, 'SIGKILL')
  launched.kill()
  await launcher.stop()
})

test('a flood of last words is read no further than it is heard', async () => {
  // the second time nobody wants to hear more
  const answers = [true, false]
  let asked = 0
  const hears = (): boolean => {
    asked += 1
    if (answers.length === 1) setImmediate(() => cell.launched.kill())
    return answers.shift() ?? true
  }
  const launcher = new Launcher(`for (;;) require('node:fs').writeSync(2, 'x'.repeat(${STDERR_FLOOD_CHARS}))`)
  const cell = new Followed(launcher, NODE, [], hears)
  assert.equal((await cell.end).reason, 'SIGKILL')
  assert.equal(asked, 2)
  await launcher.stop()
})

test('cells end with what started them, and the next one is started anew', { skip: LINUX }, async () => {
  const before = children(process.pid)
  const launcher = new Launcher(STAY)
  const cell = await here(launcher)
  const first = children(process.pid).find((pid) => !before.includes(pid))
  process.kill(first ?? 0, 'SIGKILL')
  assert.equal((await cell.end).reason, 'what starts cells ended: SIGKILL')
  await eventually(() => !isRunning(cell.launched.pid ?? 0))
  const next = await here(launcher)
  const second = children(process.pid).find((pid) => !before.includes(pid))
  assert.ok(second !== undefined && second !== first)
  next.launched.kill()
  await next.end
  await launcher.stop()
})
