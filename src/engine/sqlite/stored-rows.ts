import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { STORE } from '../../base/limits.ts'
import type { RetainedRow, RetainedRows, StoredEntry, StoredRow } from './answers.ts'

/** A row, column by column. */
export type Columns = readonly SQLOutputValue[]

/** What of a queue is read along with its session. */
export type ReadQueue = (sid: number) => readonly StoredEntry[]

/**
 * All sessions with what belongs to them. Each table is read once, from its beginning to its end, all of them
 * abreast: a question for each session and table took most of the start.
 */
export function* storedSessions(database: DatabaseSync, readQueue: ReadQueue): Generator<StoredRow> {
  const subscriptions = new Abreast(database, 'SELECT sid, filter, how FROM subscription ORDER BY sid')
  const queues = new Abreast(database, 'SELECT sid, count(*), max(place) FROM queue GROUP BY sid')
  const received = new Abreast(database, 'SELECT sid, packet_id FROM received ORDER BY sid')
  const wills = new Abreast(database, 'SELECT sid, body, how FROM will ORDER BY sid')
  const behind = database.prepare(
    'SELECT sum(length(body)) AS bytes FROM queue JOIN message USING (mid) WHERE sid = ? AND place > ?',
  )
  const sessions = rowsOf(
    database.prepare('SELECT sid, tenant, client, epoch, about, expires_at FROM session ORDER BY sid'),
  )
  for (const [id, tenant, client, epoch, about, expiresAt] of sessions) {
    const sid = Number(id)
    const [, queued = 0, lastPlace = 0] = queues.of(sid)[0] ?? []
    const queue = queued === 0 ? [] : readQueue(sid)
    const isWhole = queue.length === queued
    const [will] = wills.of(sid)
    yield {
      sid,
      tenant: String(tenant),
      client: String(client),
      epoch: Number(epoch),
      about: String(about),
      expiresAt: Number(expiresAt),
      subscriptions: subscriptions.of(sid).map(([, filter, how]) => [String(filter), String(how)] as const),
      queue,
      queued: Number(queued),
      queuedBytes: isWhole ? 0 : Number(behind.get(sid, queue.at(-1)?.place ?? 0)?.['bytes'] ?? 0),
      lastPlace: Number(lastPlace),
      received: received.of(sid).map(([, packetId]) => Number(packetId)),
      will: will === undefined ? null : { body: blobOf(will[1]), how: String(will[2]) },
    }
  }
}

/** The rows of a table that lie beside those of another, both in the order of session numbers. */
class Abreast {
  readonly #rows: Iterator<Columns, undefined>
  #next: Columns | undefined

  /** @param sql begins with the session's number. */
  constructor(database: DatabaseSync, sql: string) {
    this.#rows = rowsOf(database.prepare(sql))
    this.#advance()
  }

  /** @param sid is higher than all that were asked for before. */
  of(sid: number): Columns[] {
    const own: Columns[] = []
    for (let row = this.#next; row !== undefined && Number(row[0]) <= sid; row = this.#advance()) {
      if (row[0] === sid) own.push(row)
    }
    return own
  }

  #advance(): Columns | undefined {
    const step: IteratorResult<Columns, undefined> = this.#rows.next()
    // node:sqlite ends with null
    this.#next = step.done === true ? undefined : step.value
    return this.#next
  }
}

/**
 * All retained messages, many at a time: SQLite itself puts small bodies together, since a row of its own
 * costs each of a million messages more than all the rest of its way.
 */
export function* storedRetained(database: DatabaseSync): Generator<RetainedRows> {
  // a blob is put together as the bytes that it is, whatever they would be as text
  const small = database.prepare(`
    SELECT tenant, json_group_array(topic), json_group_array(length(body)),
      CAST(group_concat(body, '') AS BLOB), max(place)
    FROM (
      SELECT rowid AS place, tenant, topic, body FROM retained
      WHERE rowid > ? AND length(body) <= ${STORE.packedBytes} ORDER BY rowid LIMIT ${STORE.restoredAtOnce}
    ) GROUP BY tenant`)
  small.setReturnArrays(true)
  for (let after = 0; ; ) {
    const rows = small.all(after) as unknown as Columns[]
    if (rows.length === 0) break
    for (const [tenant, topics, sizes, bodies, last] of rows) {
      yield {
        tenant: String(tenant),
        topics: JSON.parse(String(topics)) as string[],
        sizes: JSON.parse(String(sizes)) as number[],
        bodies: blobOf(bodies),
      }
      after = Math.max(after, Number(last))
    }
  }
  const large = `SELECT tenant, topic, body FROM retained WHERE length(body) > ${STORE.packedBytes}`
  for (const [tenant, topic, body] of rowsOf(database.prepare(large))) {
    const bodies = blobOf(body)
    yield { tenant: String(tenant), topics: [String(topic)], sizes: [bodies.length], bodies }
  }
}

/** One by one, each body a view of the bytes that hold them all. */
export function* unpacked({ tenant, topics, sizes, bodies }: RetainedRows): Generator<RetainedRow> {
  let at = 0
  for (const [place, topic] of topics.entries()) {
    const end = at + (sizes[place] ?? 0)
    yield { tenant, topic, body: bodies.subarray(at, end) }
    at = end
  }
}

/** Without an object for each row. */
function rowsOf(statement: StatementSync): IterableIterator<Columns, undefined> {
  statement.setReturnArrays(true)
  return statement.iterate() as unknown as IterableIterator<Columns, undefined>
}

export function blobOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
