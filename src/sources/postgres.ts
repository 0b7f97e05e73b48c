import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { Pool, PoolClient, PoolConfig } from 'pg'
import type { QueryRow, SourceFailure } from '../../sandbox/index.ts'
import { messageOf } from '../base/errors.ts'
import type { FairQueue } from '../base/fair-queue.ts'
import { SOURCE_IDLE_MS, SOURCE_WIRE_SHARE } from '../base/limits.ts'
import type { PostgresConfig } from '../config/source-config.ts'
import { AnswerSize } from './answer-size.ts'
import type { Availability } from './availability.ts'
import { postgresValues } from './postgres-values.ts'
import { type Database, type Question, REFUSED, TOO_LATE, TOO_MUCH, UNFIT, UNREACHABLE } from './source.ts'
import { sourceQueue } from './source-queue.ts'

/** A PostgreSQL server: a bounded pool of connections that only read. */
export class PostgresDatabase implements Database {
  readonly #config: PostgresConfig
  readonly #availability: Availability
  readonly #queue: FairQueue
  #pool: Promise<Pool> | undefined
  readonly #stopping = new AbortController()

  constructor(config: PostgresConfig, availability: Availability) {
    this.#config = config
    this.#availability = availability
    this.#queue = sourceQueue(config.connections)
  }

  run(question: Question): Promise<readonly QueryRow[] | SourceFailure> {
    return this.#queue.run(question.tenant, question.signal, () => this.#ask(question))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const opened = this.#pool
    this.#pool = undefined
    const pool = await opened?.catch(() => undefined)
    await pool?.end()
  }

  async #ask(question: Question): Promise<readonly QueryRow[] | SourceFailure> {
    const client = await this.#connect()
    if (client === undefined) return UNREACHABLE
    const ended = await exchange(client, question, this.#config.timeoutMs, this.#stopping.signal)
    // what came too late, or was too much, would still be coming
    client.release(ended.isBroken)
    if ('rows' in ended) this.#availability.answered()
    else if (ended.isUnreachable) this.#availability.failed(ended.detail, performance.now())
    else if (ended.detail !== '') this.#availability.complain(`query ${question.query.name}: ${ended.detail}`)
    return 'rows' in ended ? ended.rows : ended.failure
  }

  async #connect(): Promise<PoolClient | undefined> {
    if (this.#stopping.signal.aborted || this.#availability.isBlocked(performance.now())) return undefined
    try {
      this.#pool ??= openPool(this.#config)
      return await (await this.#pool).connect()
    } catch (error) {
      this.#availability.failed(messageOf(error), performance.now())
      return undefined
    }
  }
}

async function openPool(config: PostgresConfig): Promise<Pool> {
  const { host, port, user, database, password, tls, timeoutMs, connections } = config
  const { default: pg } = await import('pg')
  const ca = tls?.caFile === undefined ? {} : { ca: await readFile(tls.caFile, 'utf8') }
  const settings: PoolConfig = {
    host,
    port,
    user,
    database,
    // a function, for without a password the environment would be asked for one
    password: () => password,
    ssl: tls === undefined ? false : { rejectUnauthorized: true, ...ca },
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    idleTimeoutMillis: SOURCE_IDLE_MS,
    // what the broker waits for no longer, the server must not work on
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    options: '-c default_transaction_read_only=on',
    application_name: 'bulkhead',
    types: postgresValues(),
  }
  const pool = new pg.Pool(settings)
  // a connection that breaks while nobody uses it is replaced by the next who asks
  pool.on('error', () => undefined)
  // and one that breaks under a question is told to whoever waits for its answer
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

type Ended =
  | { readonly rows: readonly QueryRow[]; readonly isBroken: false }
  | {
      readonly failure: SourceFailure
      /** The connection cannot be used any more. */
      readonly isBroken: boolean
      readonly isUnreachable: boolean
      readonly detail: string
    }

/** One question and its rows, which are measured as they come. */
async function exchange(
  client: PoolClient,
  asked: Question,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<Ended> {
  const { default: pg } = await import('pg')
  const { query, mostBytes } = asked
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const give = (failure: SourceFailure): void =>
    resolve({ failure, isBroken: true, isUnreachable: false, detail: '' })
  const rows: QueryRow[] = []
  const size = new AnswerSize(query.maxRows, mostBytes)
  // the extended protocol even without values: one statement, whatever is written in it
  const question = new pg.Query<QueryRow>({
    text: query.sql,
    values: [...asked.values],
    queryMode: 'extended',
  } as never)
  question.on('row', (row: QueryRow) => {
    if (size.add(row)) rows.push(row)
    else give(TOO_MUCH)
  })
  question.on('end', () => resolve({ rows, isBroken: false }))
  question.on('error', (error) => resolve(failed(error)))
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection
  let received = 0
  const measure = (bytes: Buffer): void => {
    received += bytes.length
    // a single value may be larger than all rows may be, and comes as a whole
    if (received > mostBytes * SOURCE_WIRE_SHARE) give(TOO_MUCH)
  }
  stream.on('data', measure)
  // the server stops by itself first, which leaves the connection whole
  const deadline = setTimeout(() => give(TOO_LATE), timeoutMs * LATER)
  const stop = (): void => give(TOO_LATE)
  stopping.addEventListener('abort', stop)
  try {
    client.query(question)
    return await promise
  } finally {
    clearTimeout(deadline)
    stream.off('data', measure)
    stopping.removeEventListener('abort', stop)
  }
}

const LATER = 1.25

/** SQLSTATE: what the server says of a statement; without one, the connection itself has failed. */
function failed(error: Error): Ended {
  const { code } = error as NodeJS.ErrnoException
  const detail = error.message
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) {
    return { failure: UNREACHABLE, isBroken: true, isUnreachable: true, detail }
  }
  const known = { isBroken: false, isUnreachable: false }
  // data exceptions are of who chose the values, and no news for the operator
  if (code.startsWith('22')) return { ...known, failure: UNFIT, detail: '' }
  if (code === QUERY_CANCELED) return { ...known, failure: TOO_LATE, detail: '' }
  // 57P01 and its kin: the server ends the connection
  return { ...known, isBroken: code.startsWith('57'), failure: REFUSED, detail }
}

const QUERY_CANCELED = '57014'
