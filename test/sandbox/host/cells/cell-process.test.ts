import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CellOwner, CellProcess } from '../../../../sandbox/host/cells/cell-process.ts'
import type { Job, Judging } from '../../../../sandbox/host/cells/job.ts'
import { Launcher } from '../../../../sandbox/host/jail/launcher.ts'
import { STDERR_FLOOD_CHARS } from '../../../../sandbox/limits.ts'
import { FRAME } from '../../../../sandbox/wire/messages.ts'
import { CountedTurns, endlessTurns } from '../../../support/turns.ts'

/** The beginning of a program that plays the cell. */
const PLAYER = `
const { readSync, writeSync } = require('node:fs')
const frame = (header) => {
  const { type, outcome = 0, count = 0, body = '', length } = header
  const { epoch = 5, instance = 0, generation = 0, id = 0 } = header
  const bytes = Buffer.alloc(24 + body.length)
  bytes.writeUInt32LE(length ?? body.length, 0)
  bytes.writeUInt8(type, 4)
  bytes.writeUInt8(outcome, 5)
  bytes.writeUInt16LE(count, 6)
  const words = [epoch, instance, generation, id]
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 8 + index * 4)
  bytes.write(body, 24)
  return bytes
}
const receive = () => readSync(3, Buffer.alloc(65536))
const send = (...frames) => writeSync(3, Buffer.concat(frames.map(frame)))
receive()
`
const HELLO = `send({ type: ${FRAME.ready} });`
const STAY = 'receive(); receive()'

/** Gives its cell one job as soon as it is ready, kills it when that is answered, and keeps what happened. */
class Director implements CellOwner, Job {
  readonly type: number = FRAME.ask
  readonly instance: number = 1
  readonly generation: number = 2
  readonly count: number = 1
  readonly allowanceMs: number
  readonly told: string[] = []
  readonly #ended = Promise.withResolvers<string>()

  constructor(allowanceMs: number) {
    this.allowanceMs = allowanceMs
  }

  get ended(): Promise<string> {
    return this.#ended.promise
  }

  cellReady(cell: CellProcess): void {
    this.told.push('ready')
    cell.submit(this, '[]')
    cell.send()
  }

  cellWorked(): void {
    // whose time it was does not matter here
  }

  cellAnswered(cell: CellProcess): void {
    if (cell.jobs === 0) cell.kill('enough')
  }

  cellEnded(_cell: CellProcess, reason: string): void {
    this.#ended.resolve(reason)
  }

  done(outcome: string, body: string): boolean | Judging {
    this.told.push(`${outcome} ${body}`)
    return body !== 'nonsense'
  }

  overdue(): void {
    this.told.push('overdue')
  }

  lost(atWork: boolean): void {
    this.told.push(atWork ? 'lost at work' : 'lost')
  }
}

async function play(program: string, allowanceMs = 60_000): Promise<{ told: string[]; reason: string }> {
  const director = new Director(allowanceMs)
  const command = { file: process.execPath, args: ['-'] }
  const cell = new CellProcess(director, {
    launcher: new Launcher(PLAYER + program),
    command,
    epoch: 5,
    maxAnswerBytes: 1000,
    turns: endlessTurns(),
  })
  const clock = setInterval(() => cell.check(performance.now()), 10)
  const reason = await director.ended
  clearInterval(clock)
  return { told: director.told, reason }
}

const ANSWER = `{ type: ${FRAME.answers}, count: 1, instance: 1, generation: 2, id: 1, body: '[1]' }`

test('a cell says hello, and answers its job', async () => {
  const played = await play(`${HELLO} receive(); send(${ANSWER}); ${STAY}`)
  assert.deepEqual(played, { told: ['ready', 'done [1]'], reason: 'enough' })
})

const HOSTILE: Readonly<Record<string, string>> = {
  'another epoch': `send({ ...${ANSWER}, epoch: 4 })`,
  'an id that was not asked': `send({ ...${ANSWER}, id: 2 })`,
  'another instance': `send({ ...${ANSWER}, instance: 2 })`,
  'another generation': `send({ ...${ANSWER}, generation: 1 })`,
  'another count': `send({ ...${ANSWER}, count: 2 })`,
  'another kind of answer': `send({ ...${ANSWER}, type: ${FRAME.loaded} })`,
  'an unknown kind': `send({ ...${ANSWER}, type: 255 })`,
  'an unknown outcome': `send({ ...${ANSWER}, outcome: 99 })`,
  'a length above the bound': `send({ ...${ANSWER}, length: 1001 })`,
  'a body that its job refuses': `send({ ...${ANSWER}, body: 'nonsense' })`,
  'bytes without end': `const noise = Buffer.alloc(65536, 255); for (;;) writeSync(3, noise)`,
  'an answer twice': `send(${ANSWER}, ${ANSWER})`,
  'bytes that are no UTF-8': `const bytes = frame(${ANSWER}); bytes[25] = 0xff; writeSync(3, bytes)`,
}

for (const [what, program] of Object.entries(HOSTILE)) {
  test(`a cell that sends ${what} is killed`, async () => {
    const { reason } = await play(`${HELLO} receive(); ${program}; ${STAY}`)
    assert.match(reason, /^it sent (what no cell sends|a malformed frame)$/)
  })
}

test('a cell that answers before it says hello is killed', async () => {
  const played = await play(`send(${ANSWER}); ${STAY}`)
  assert.deepEqual(played, { told: [], reason: 'it sent what no cell sends' })
})

test('what a cell sends at once is judged in as many turns as it takes, and in order', async () => {
  const told: string[] = []
  const owner = new Director(60_000)
  const job = (name: string): Job => ({
    type: FRAME.ask,
    instance: 1,
    generation: 2,
    count: 1,
    allowanceMs: 60_000,
    done: () => {
      told.push(name)
      queueMicrotask(() => told.push('and the turn is over'))
      return true
    },
    overdue: () => told.push('overdue'),
    lost: () => told.push('lost'),
  })
  const answers = [1, 2, 3].map((id) => `{ ...${ANSWER}, id: ${id} }`).join()
  const cell = new CellProcess(
    Object.assign(owner, {
      cellReady: (ready: CellProcess) => {
        for (const name of ['first', 'second', 'third']) ready.submit(job(name), '[]')
        ready.send()
      },
    }),
    {
      launcher: new Launcher(`${PLAYER}${HELLO} receive(); send(${answers}); ${STAY}`),
      command: { file: process.execPath, args: ['-'] },
      epoch: 5,
      maxAnswerBytes: 1000,
      turns: new CountedTurns(1),
    },
  )
  await owner.ended
  assert.equal(cell.jobs, 0)
  const over = 'and the turn is over'
  assert.deepEqual(told, ['first', over, 'second', over, 'third', over])
})

test('a cell that is killed while its answer is judged gives up what is left of it', async () => {
  const director = new Director(60_000)
  const told: string[] = []
  const job = Object.assign(director, {
    *done(): Judging {
      try {
        told.push('judged')
        cell.kill('enough of it')
        yield 1
        told.push('went on')
      } finally {
        told.push('given up')
      }
      return true
    },
  })
  const cell: CellProcess = new CellProcess(job, {
    launcher: new Launcher(`${PLAYER}${HELLO} receive(); send(${ANSWER}); ${STAY}`),
    command: { file: process.execPath, args: ['-'] },
    epoch: 5,
    maxAnswerBytes: 1000,
    turns: new CountedTurns(1),
  })
  assert.equal(await director.ended, 'enough of it')
  assert.deepEqual(told, ['judged', 'given up'])
})

test('a cell that ends loses its job, and its last words are kept', async () => {
  const { told, reason } = await play(`${HELLO} receive(); throw new Error('last words')`)
  assert.deepEqual(told, ['ready', 'lost at work'])
  assert.match(reason, /exit code 1: [^]*last words/)
})

test('a cell whose last words have no end is killed before its job is late', async () => {
  const { told, reason } = await play(`${HELLO} receive(); for (;;) writeSync(2, 'x'.repeat(65536))`, 60_000)
  assert.deepEqual([told, reason], [['ready', 'lost at work'], 'it floods its stderr'])
})

test('a cell that says much, and answers, lives', async () => {
  const much = `writeSync(2, 'x'.repeat(${STDERR_FLOOD_CHARS}))`
  const { told } = await play(`${HELLO} receive(); ${much}; send(${ANSWER}); ${STAY}`)
  assert.deepEqual(told, ['ready', 'done [1]'])
})

test('a job past its time is excused once, and a cell that burns on is killed', async () => {
  const played = await play(`${HELLO} receive(); for (;;);`, 50)
  assert.deepEqual(played, {
    told: ['ready', 'overdue', 'lost at work'],
    reason: 'a plugin does not come to an end',
  })
})

test('an overdue cell that comes to its end is not killed for it', async () => {
  const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)'
  const played = await play(`${HELLO} receive(); ${wait}; send(${ANSWER}); ${STAY}`, 50)
  assert.deepEqual(played, { told: ['ready', 'overdue', 'done [1]'], reason: 'enough' })
})

test('a program that is not there is a cell that ends', async () => {
  const director = new Director(1000)
  const command = { file: '/nowhere/node', args: [] }
  const cell = new CellProcess(director, {
    launcher: new Launcher(''),
    command,
    epoch: 1,
    maxAnswerBytes: 10,
    turns: endlessTurns(),
  })
  assert.match(await director.ended, /ENOENT/)
  assert.equal(cell.isStopped, true)
})
