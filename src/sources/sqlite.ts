import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { QueryRow, SourceFailure, SourceValue } from '../../sandbox/index.ts'
import { SQLITE_START_MS, SQLITE_VALUE_BYTES } from '../base/limits.ts'
import type { FairQueue } from '../base/fair-queue.ts'
import type { SqliteConfig } from '../config/source-config.ts'
import type { Availability } from './availability.ts'
import { type Database, type Question, REFUSED, TOO_LATE, TOO_MUCH, UNFIT, UNREACHABLE } from './source.ts'
import { sourceQueue } from './source-queue.ts'
import type { SqliteAsked, SqliteSaid } from './sqlite-messages.ts'

const PROGRAM = fileURLToPath(new URL('sqlite-process.ts', import.meta.url))
const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** A SQLite file, read by a process that is killed when a question takes too long. */
export class SqliteDatabase implements Database {
  readonly #config: SqliteConfig
  readonly #availability: Availability
  /** One at a time: the process does nothing beside it. */
  readonly #queue: FairQueue
  #process: ChildProcess | undefined
  #isStopped = false

  constructor(config: SqliteConfig, availability: Availability) {
    this.#config = config
    this.#availability = availability
    this.#queue = sourceQueue(1)
  }

  run(question: Question): Promise<readonly QueryRow[] | SourceFailure> {
    return this.#queue.run(question.tenant, question.signal, () => this.#ask(question))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async #ask({ query, values, mostBytes }: Question): Promise<readonly QueryRow[] | SourceFailure> {
    const child = this.#process ?? (await this.#start())
    if (child === undefined) return UNREACHABLE
    const asked: SqliteAsked = {
      sql: query.sql,
      values: Object.fromEntries(query.parameters.map((name, place) => [name, bindable(values[place])])),
      maxRows: query.maxRows,
      mostBytes,
    }
    child.send(asked)
    const said = await hear(child, this.#config.timeoutMs)
    if (said === undefined) return this.#lost(child)
    if ('rows' in said) {
      this.#availability.answered()
      return said.rows
    }
    if ('ready' in said || said.failed === 'size') return TOO_MUCH
    this.#availability.complain(`query ${query.name}: ${said.detail}`)
    return said.detail.includes('datatype mismatch') ? UNFIT : REFUSED
  }

  /** It died, or it does not end: whichever it is, the next question has a new one. */
  #lost(child: ChildProcess): SourceFailure {
    if (this.#process === child) this.#process = undefined
    const died = child.exitCode !== null || child.signalCode !== null
    child.kill('SIGKILL')
    if (!died || this.#isStopped) return TOO_LATE
    this.#availability.failed('its process has ended', performance.now())
    return UNREACHABLE
  }

  async #start(): Promise<ChildProcess | undefined> {
    if (this.#isStopped || this.#availability.isBlocked(performance.now())) return undefined
    const { file, timeoutMs } = this.#config
    const readable = [FOLDER, file, `${file}-wal`, `${file}-shm`].map((each) => `--allow-fs-read=${each}`)
    const child = fork(PROGRAM, [file, String(Math.ceil(timeoutMs / 2)), String(SQLITE_VALUE_BYTES)], {
      // it needs nothing of the machine but the file and itself
      execArgv: ['--permission', ...readable],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    // it cannot be started, or be written to: whoever waits for its answer gets none
    child.on('error', () => undefined)
    child.once('exit', () => {
      if (this.#process === child) this.#process = undefined
    })
    this.#process = child
    const said = await hear(child, SQLITE_START_MS)
    if (said !== undefined && 'ready' in said && !this.#isStopped) return child
    const detail = said !== undefined && 'failed' in said ? said.detail : 'its process does not start'
    if (!this.#isStopped) this.#availability.failed(detail, performance.now())
    this.#process = undefined
    child.kill('SIGKILL')
    return undefined
  }
}

/** The next thing that it says; undefined: it has ended, or says nothing for so long. */
async function hear(child: ChildProcess, ms: number): Promise<SqliteSaid | undefined> {
  const { promise, resolve } = Promise.withResolvers<SqliteSaid | undefined>()
  const none = (): void => resolve(undefined)
  const deadline = setTimeout(none, ms)
  child.once('message', resolve).once('exit', none)
  try {
    return await promise
  } finally {
    clearTimeout(deadline)
    child.off('message', resolve).off('exit', none)
  }
}

/** SQLite has no booleans. */
function bindable(value: SourceValue | undefined): string | number | null | Uint8Array {
  return typeof value === 'boolean' ? Number(value) : (value ?? null)
}
