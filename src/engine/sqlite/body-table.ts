import type { DatabaseSync, StatementSync } from 'node:sqlite'

/**
 * Messages' bodies in the database, each stored once, however many places of queues hold it, and gone with
 * the last of them: who holds it is counted here, from the queues themselves when the store is opened.
 */
export class BodyTable {
  readonly #last: StatementSync
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  /** How many hold a body, of those that more than one does. */
  readonly #shared = new Map<number, number>()
  /** This batch's bodies that nobody holds yet. */
  readonly #unheld = new Map<number, Uint8Array>()
  /** Bodies that nobody holds any more, since this batch. */
  readonly #orphans = new Set<number>()

  constructor(database: DatabaseSync) {
    this.#last = database.prepare('SELECT max(mid) AS mid FROM message')
    this.#insert = database.prepare('INSERT INTO message (mid, body) VALUES (?, ?)')
    this.#delete = database.prepare('DELETE FROM message WHERE mid BETWEEN ? AND ?')
    const counted = database.prepare(
      `SELECT mid, count(*) AS n
       FROM (SELECT mid FROM queue UNION ALL SELECT form FROM queue WHERE form > 0)
       GROUP BY mid HAVING n > 1`,
    )
    for (const row of counted.iterate()) this.#shared.set(Number(row['mid']), Number(row['n']))
  }

  /** The highest number of a body; 0: there is none. */
  get last(): number {
    return Number(this.#last.get()?.['mid'] ?? 0)
  }

  /** @param body is written when somebody holds it: what all have by then, never is. */
  put(mid: number, body: Uint8Array): void {
    this.#unheld.set(mid, body)
  }

  /** One more holds it. */
  hold(mid: number): void {
    const body = this.#unheld.get(mid)
    if (body !== undefined) {
      this.#insert.run(mid, body)
      this.#unheld.delete(mid)
    } else if (!this.#orphans.delete(mid)) this.#shared.set(mid, (this.#shared.get(mid) ?? 1) + 1)
  }

  /** One who held it does not any more. */
  leave(mid: number): void {
    const holders = this.#shared.get(mid)
    if (holders === undefined) this.#orphans.add(mid)
    else if (holders === 2) this.#shared.delete(mid)
    else this.#shared.set(mid, holders - 1)
  }

  /** The end of a batch: what nobody holds goes, what came one behind the other at one stroke. */
  sweep(): void {
    this.#unheld.clear()
    let first = 0
    let last = -1
    for (const mid of this.#orphans) {
      if (mid !== last + 1) {
        this.#drop(first, last)
        first = mid
      }
      last = mid
    }
    this.#drop(first, last)
    this.#orphans.clear()
  }

  #drop(first: number, last: number): void {
    if (first <= last) this.#delete.run(first, last)
  }
}
