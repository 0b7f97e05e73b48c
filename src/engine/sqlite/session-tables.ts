import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RetainedRow, StoredEntry, StoredRow } from './answers.ts'

/**
 * Sessions, what they are owed, and retained messages in the database. A message's body is stored once,
 * however many queues it is in, and goes with the last of them: who refers to it is counted here, from the
 * queues themselves when the store is opened.
 */
export class SessionTables {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** How many places of queues hold a body, of those that more than one does. */
  readonly #shared = new Map<number, number>()
  /** This batch's bodies, which nobody has queued yet. */
  readonly #unqueued = new Map<number, Uint8Array>()
  /** Bodies that have lost their last place in this batch. */
  readonly #orphans = new Set<number>()

  constructor(database: DatabaseSync) {
    this.#database = database
    const counted = database.prepare('SELECT mid, count(*) AS n FROM queue GROUP BY mid HAVING n > 1')
    for (const row of counted.iterate()) this.#shared.set(Number(row['mid']), Number(row['n']))
  }

  /** The highest number of a body; 0: there is none. */
  get lastMid(): number {
    return Number(this.#statement('SELECT max(mid) AS mid FROM message').get()?.['mid'] ?? 0)
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
    for (const row of this.#statement('SELECT mid FROM queue WHERE sid = ?').iterate(sid)) {
      this.#released(Number(row['mid']))
    }
    for (const table of ['queue', 'subscription', 'received', 'will', 'session']) {
      this.#run(`DELETE FROM ${table} WHERE sid = ?`, [sid])
    }
  }

  putSubscription(sid: number, filter: string, how: string): void {
    this.#run('INSERT OR REPLACE INTO subscription (sid, filter, how) VALUES (?, ?, ?)', [sid, filter, how])
  }

  dropSubscription(sid: number, filter: string): void {
    this.#run('DELETE FROM subscription WHERE sid = ? AND filter = ?', [sid, filter])
  }

  /** A body is written with the first place that holds it: one that all have by now is not. */
  putMessage(mid: number, body: Uint8Array): void {
    this.#unqueued.set(mid, body)
  }

  enqueue(sid: number, place: number, mid: number, how: string, packetId: number): void {
    this.#run('INSERT INTO queue (sid, place, mid, how, packet_id, released) VALUES (?, ?, ?, ?, ?, 0)', [
      sid,
      place,
      mid,
      how,
      packetId,
    ])
    const body = this.#unqueued.get(mid)
    if (body === undefined) return this.#shareAgain(mid)
    this.#run('INSERT INTO message (mid, body) VALUES (?, ?)', [mid, body])
    this.#unqueued.delete(mid)
  }

  launch(sid: number, place: number, packetId: number): void {
    this.#run('UPDATE queue SET packet_id = ? WHERE sid = ? AND place = ?', [packetId, sid, place])
  }

  release(sid: number, place: number): void {
    this.#run('UPDATE queue SET released = 1 WHERE sid = ? AND place = ?', [sid, place])
  }

  dequeue(sid: number, place: number): void {
    const dropped = this.#statement('DELETE FROM queue WHERE sid = ? AND place = ? RETURNING mid').get(
      sid,
      place,
    )
    if (dropped !== undefined) this.#released(Number(dropped['mid']))
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

  /** The end of a batch: bodies that no queue holds go, those that came one behind the other at one stroke. */
  sweep(): void {
    this.#unqueued.clear()
    let first = 0
    let last = -1
    for (const mid of this.#orphans) {
      if (mid === last + 1) {
        last = mid
        continue
      }
      this.#dropMessages(first, last)
      first = mid
      last = mid
    }
    this.#dropMessages(first, last)
    this.#orphans.clear()
  }

  #dropMessages(first: number, last: number): void {
    if (first > last) return
    this.#run('DELETE FROM message WHERE mid BETWEEN ? AND ?', [first, last])
  }

  readQueue(sid: number, after: number, limit: number): StoredEntry[] {
    return this.#statement(
      `SELECT place, body, how, packet_id, released FROM queue JOIN message USING (mid)
       WHERE sid = ? AND place > ? ORDER BY place LIMIT ?`,
    )
      .all(sid, after, limit)
      .map((row) => ({
        place: Number(row['place']),
        body: blobOf(row['body']),
        how: String(row['how']),
        packetId: Number(row['packet_id']),
        released: row['released'] === 1,
      }))
  }

  /** @param window how many of each queue's messages are read along. */
  *sessions(window: number): Generator<StoredRow> {
    const all = this.#database.prepare('SELECT * FROM session ORDER BY sid')
    for (const row of all.iterate()) {
      const sid = Number(row['sid'])
      const queued = this.#statement('SELECT count(*) AS n, max(place) AS last FROM queue WHERE sid = ?').get(
        sid,
      )
      const queue = this.readQueue(sid, 0, window)
      const behind = this.#statement(
        'SELECT sum(length(body)) AS bytes FROM queue JOIN message USING (mid) WHERE sid = ? AND place > ?',
      ).get(sid, queue.at(-1)?.place ?? 0)
      const will = this.#statement('SELECT body, how FROM will WHERE sid = ?').get(sid)
      yield {
        sid,
        tenant: String(row['tenant']),
        client: String(row['client']),
        epoch: Number(row['epoch']),
        about: String(row['about']),
        expiresAt: Number(row['expires_at']),
        subscriptions: this.#statement('SELECT filter, how FROM subscription WHERE sid = ?')
          .all(sid)
          .map((subscription) => [String(subscription['filter']), String(subscription['how'])] as const),
        queue,
        queued: Number(queued?.['n'] ?? 0),
        queuedBytes: Number(behind?.['bytes'] ?? 0),
        lastPlace: Number(queued?.['last'] ?? 0),
        received: this.#statement('SELECT packet_id FROM received WHERE sid = ?')
          .all(sid)
          .map((received) => Number(received['packet_id'])),
        will: will === undefined ? null : { body: blobOf(will['body']), how: String(will['how']) },
      }
    }
  }

  *retained(): Generator<RetainedRow> {
    for (const row of this.#database.prepare('SELECT tenant, topic, body FROM retained').iterate()) {
      yield { tenant: String(row['tenant']), topic: String(row['topic']), body: blobOf(row['body']) }
    }
  }

  #shareAgain(mid: number): void {
    // nobody held it any more, but it is still there
    if (!this.#orphans.delete(mid)) this.#shared.set(mid, (this.#shared.get(mid) ?? 1) + 1)
  }

  #released(mid: number): void {
    const holders = this.#shared.get(mid)
    if (holders === undefined) this.#orphans.add(mid)
    else if (holders === 2) this.#shared.delete(mid)
    else this.#shared.set(mid, holders - 1)
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

function blobOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
