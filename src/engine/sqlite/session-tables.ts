import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { STORE } from '../../base/limits.ts'
import type { RetainedRows, StoredEntry, StoredRow } from './answers.ts'
import { BodyTable } from './body-table.ts'
import { blobOf, type Columns, storedRetained, storedSessions } from './stored-rows.ts'

/** Sessions, what they are owed, and retained messages in the database. */
export class SessionTables {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #bodies: BodyTable

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#bodies = new BodyTable(database)
  }

  /** The highest number of a body; 0: there is none. */
  get lastMid(): number {
    return this.#bodies.last
  }

  putSession(
    sid: number,
    tenant: string,
    client: string,
    epoch: number,
    about: string,
    expiresAt: number,
  ): void {
    this.#run(
      `INSERT INTO session (sid, tenant, client, epoch, about, expires_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (sid) DO UPDATE SET epoch = excluded.epoch, about = excluded.about,
         expires_at = excluded.expires_at`,
      [sid, tenant, client, epoch, about, expiresAt],
    )
  }

  /** From when on it waits for its client no more; Infinity: for ever, and while the client is there. */
  expireSession(sid: number, expiresAt: number): void {
    this.#run('UPDATE session SET expires_at = ? WHERE sid = ?', [expiresAt, sid])
  }

  dropSession(sid: number): void {
    for (const row of this.#statement('SELECT mid, form FROM queue WHERE sid = ?').iterate(sid)) {
      this.#left(row)
    }
    for (const table of ['queue', 'subscription', 'received', 'will', 'session']) {
      this.#run(`DELETE FROM ${table} WHERE sid = ?`, [sid])
    }
  }

  /** Drops all sessions and retained messages of a tenant. */
  dropTenant(tenant: string): void {
    for (const row of this.#statement('SELECT sid FROM session WHERE tenant = ?').all(tenant)) {
      this.dropSession(Number(row['sid']))
    }
    this.#run('DELETE FROM retained WHERE tenant = ?', [tenant])
  }

  putSubscription(sid: number, filter: string, how: string): void {
    this.#run('INSERT OR REPLACE INTO subscription (sid, filter, how) VALUES (?, ?, ?)', [sid, filter, how])
  }

  dropSubscription(sid: number, filter: string): void {
    this.#run('DELETE FROM subscription WHERE sid = ? AND filter = ?', [sid, filter])
  }

  putMessage(mid: number, body: Uint8Array): void {
    this.#bodies.put(mid, body)
  }

  enqueue(sid: number, place: number, mid: number, how: string, packetId: number): void {
    this.#run(
      'INSERT INTO queue (sid, place, mid, how, packet_id, form, released) VALUES (?, ?, ?, ?, ?, 0, 0)',
      [sid, place, mid, how, packetId],
    )
    this.#bodies.hold(mid)
  }

  launch(sid: number, place: number, packetId: number): void {
    this.#run('UPDATE queue SET packet_id = ? WHERE sid = ? AND place = ?', [packetId, sid, place])
  }

  /** It is sent as the message with the number `form`, and as `how` says; it never was before. */
  change(sid: number, place: number, form: number, how: string): void {
    const { changes } = this.#statement('UPDATE queue SET form = ?, how = ? WHERE sid = ? AND place = ?').run(
      form,
      how,
      sid,
      place,
    )
    if (changes > 0) this.#bodies.hold(form)
  }

  /** @param rank grows with each of the session's. */
  release(sid: number, place: number, rank: number): void {
    this.#run('UPDATE queue SET released = ? WHERE sid = ? AND place = ?', [rank, sid, place])
  }

  dequeue(sid: number, place: number): void {
    const dropped = this.#statement('DELETE FROM queue WHERE sid = ? AND place = ? RETURNING mid, form').get(
      sid,
      place,
    )
    if (dropped !== undefined) this.#left(dropped)
  }

  receive(sid: number, packetId: number): void {
    this.#run('INSERT OR REPLACE INTO received (sid, packet_id) VALUES (?, ?)', [sid, packetId])
  }

  forget(sid: number, packetId: number): void {
    this.#run('DELETE FROM received WHERE sid = ? AND packet_id = ?', [sid, packetId])
  }

  putWill(sid: number, body: Uint8Array, how: string): void {
    this.#run('INSERT OR REPLACE INTO will (sid, body, how) VALUES (?, ?, ?)', [sid, body, how])
  }

  dropWill(sid: number): void {
    this.#run('DELETE FROM will WHERE sid = ?', [sid])
  }

  setRetained(tenant: string, topic: string, body: Uint8Array): void {
    this.#run(
      `INSERT INTO retained (tenant, topic, body) VALUES (?, ?, ?)
       ON CONFLICT (tenant, topic) DO UPDATE SET body = excluded.body`,
      [tenant, topic, body],
    )
  }

  clearRetained(tenant: string, topic: string): void {
    this.#run('DELETE FROM retained WHERE tenant = ? AND topic = ?', [tenant, topic])
  }

  /** The end of a batch. */
  sweep(): void {
    this.#bodies.sweep()
  }

  /** What lies behind a place, as much of it as is good to have in memory; one at least, if there is one. */
  readQueue(sid: number, after: number, limit: number): StoredEntry[] {
    const entries: StoredEntry[] = []
    let bytes = 0
    for (const entry of this.#queued('place > ? ORDER BY place LIMIT ?', [sid, after, limit])) {
      entries.push(entry)
      bytes += entry.body.length
      if (bytes >= STORE.readBytes) break
    }
    return entries
  }

  /** @param window how many of each queue's messages that were not sent are read along. */
  sessions(window: number): Generator<StoredRow> {
    return storedSessions(this.#database, (sid) => this.#readFirst(sid, window))
  }

  /** All that was sent under a packet identifier, which lies before what waits; and a window of that. */
  #readFirst(sid: number, window: number): StoredEntry[] {
    const first: StoredEntry[] = []
    let [waiting, bytes] = [0, 0]
    for (const entry of this.#queued('TRUE ORDER BY place', [sid])) {
      if (entry.packetId === 0) {
        if (waiting === window || bytes >= STORE.readBytes) break
        waiting += 1
        bytes += entry.body.length
      }
      first.push(entry)
    }
    return first
  }

  retained(): Generator<RetainedRows> {
    return storedRetained(this.#database)
  }

  /** A place of a queue is gone, with the bodies that it held. */
  #left(row: Readonly<Record<string, unknown>>): void {
    for (const mid of [Number(row['mid']), Number(row['form'])]) if (mid > 0) this.#bodies.leave(mid)
  }

  *#queued(which: string, values: number[]): Generator<StoredEntry> {
    const statement = this.#statement(`${QUEUED} WHERE sid = ? AND ${which}`)
    statement.setReturnArrays(true)
    for (const row of statement.iterate(...values)) yield entryOf(row as unknown as Columns)
  }

  #run(sql: string, values: (number | string | Uint8Array)[]): void {
    this.#statement(sql).run(...values)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }
}

const QUEUED = `
  SELECT place, message.body, changed.body, how, packet_id, released
  FROM queue JOIN message USING (mid) LEFT JOIN message AS changed ON changed.mid = queue.form`

function entryOf([place, body, form, how, packetId, released]: Columns): StoredEntry {
  return {
    place: Number(place),
    body: blobOf(body),
    form: form instanceof Uint8Array ? form : null,
    how: String(how),
    packetId: Number(packetId),
    released: Number(released),
  }
}
