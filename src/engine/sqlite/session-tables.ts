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
  /** How many places of queues hold a body. */
  readonly #references = new Map<number, number>()
  /** Bodies that may have lost their last place in this batch. */
  readonly #doubtful = new Set<number>()

  constructor(database: DatabaseSync) {
    this.#database = database
    const counted = database.prepare(
      `SELECT mid, count(*) AS n
       FROM (SELECT mid FROM queue UNION ALL SELECT form FROM queue WHERE form > 0) GROUP BY mid`,
    )
    for (const row of counted.iterate()) this.#references.set(Number(row['mid']), Number(row['n']))
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
    for (const row of this.#statement('SELECT mid, form FROM queue WHERE sid = ?').iterate(sid)) {
      this.#left(row)
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

  putMessage(mid: number, body: Uint8Array): void {
    this.#run('INSERT INTO message (mid, body) VALUES (?, ?)', [mid, body])
    this.#references.set(mid, 0)
    this.#doubtful.add(mid)
  }

  enqueue(sid: number, place: number, mid: number, how: string, packetId: number): void {
    this.#run(
      'INSERT INTO queue (sid, place, mid, how, packet_id, form, released) VALUES (?, ?, ?, ?, ?, 0, 0)',
      [sid, place, mid, how, packetId],
    )
    this.#refer(mid)
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
    if (changes > 0) this.#refer(form)
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

  /** The end of a batch: bodies that nobody refers to go. */
  sweep(): void {
    for (const mid of this.#doubtful) {
      if (this.#references.get(mid) !== 0) continue
      this.#references.delete(mid)
      this.#run('DELETE FROM message WHERE mid = ?', [mid])
    }
    this.#doubtful.clear()
  }

  readQueue(sid: number, after: number, limit: number): StoredEntry[] {
    return this.#statement(`${QUEUED} WHERE sid = ? AND place > ? ORDER BY place LIMIT ?`)
      .all(sid, after, limit)
      .map(entryOf)
  }

  /** All that was sent under a packet identifier: it lies before what waits. */
  #readSent(sid: number): StoredEntry[] {
    return this.#statement(`${QUEUED} WHERE sid = ? AND packet_id > 0 ORDER BY place`).all(sid).map(entryOf)
  }

  /** @param window how many of each queue's messages that were not sent are read along. */
  *sessions(window: number): Generator<StoredRow> {
    const all = this.#database.prepare('SELECT * FROM session ORDER BY sid')
    for (const row of all.iterate()) {
      const sid = Number(row['sid'])
      const queued = this.#statement('SELECT count(*) AS n, max(place) AS last FROM queue WHERE sid = ?').get(
        sid,
      )
      const sent = this.#readSent(sid)
      const queue = [...sent, ...this.readQueue(sid, sent.at(-1)?.place ?? 0, window)]
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

  #refer(mid: number): void {
    this.#references.set(mid, (this.#references.get(mid) ?? 0) + 1)
  }

  /** A place of a queue is gone, with the bodies that it held. */
  #left(row: Readonly<Record<string, unknown>>): void {
    for (const mid of [Number(row['mid']), Number(row['form'])]) {
      if (mid === 0) continue
      this.#references.set(mid, (this.#references.get(mid) ?? 1) - 1)
      this.#doubtful.add(mid)
    }
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
  SELECT place, message.body AS body, changed.body AS form, how, packet_id, released
  FROM queue JOIN message USING (mid) LEFT JOIN message AS changed ON changed.mid = queue.form`

function entryOf(row: Readonly<Record<string, unknown>>): StoredEntry {
  const form = row['form']
  return {
    place: Number(row['place']),
    body: blobOf(row['body']),
    form: form instanceof Uint8Array ? form : null,
    how: String(row['how']),
    packetId: Number(row['packet_id']),
    released: Number(row['released']),
  }
}

function blobOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
