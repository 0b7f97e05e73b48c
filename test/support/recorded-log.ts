import type { Message } from '../../src/codec/message.ts'
import type { OwedMessage, SessionLog } from '../../src/engine/engine.ts'

/** A session's log that keeps what it is told, as a store would, and says what is safe when the test does. */
export class RecordedLog implements SessionLog<Message> {
  readonly ticket = 0
  readonly rows: Map<number, OwedMessage<Message>> = new Map()
  readonly wills: (string | null)[] = []
  /** What was told, but for what is owed. */
  readonly told: string[] = []
  /** Reads that have not been answered. */
  readonly reads: (() => void)[] = []
  #waiting: (() => void)[] = []
  #released = 0
  #place = 0

  received(packetId: number): void {
    this.told.push(`received ${packetId}`)
  }

  describe(): void {
    this.told.push('described')
  }

  clear(): void {
    this.told.push('cleared')
  }

  subscribed(filter: string): void {
    this.told.push(`subscribed ${filter}`)
  }

  unsubscribed(filter: string): void {
    this.told.push(`unsubscribed ${filter}`)
  }

  owed(message: Message, how: string, packetId: number): number {
    this.#place += 1
    const place = this.#place
    this.rows.set(place, { place, message, form: null, how, packetId, released: 0 })
    return place
  }

  launched(place: number, packetId: number): void {
    this.#change(place, { packetId })
  }

  changed(place: number, form: Message, how: string): void {
    this.#change(place, { form, how })
  }

  released(place: number): void {
    this.#released += 1
    this.#change(place, { released: this.#released })
  }

  settled(place: number): void {
    this.rows.delete(place)
  }

  forgotten(packetId: number): void {
    this.told.push(`forgotten ${packetId}`)
  }

  will(message: Message | null): void {
    this.wills.push(message === null ? null : message.topic)
  }

  read(after: number, limit: number, reader: (entries: readonly OwedMessage<Message>[]) => void): void {
    const entries = [...this.rows.values()].filter(({ place }) => place > after).slice(0, limit)
    this.reads.push(() => reader(entries))
  }

  whenSafe(then: () => void): void {
    this.#waiting.push(then)
  }

  /** All that was written up to now is safe. */
  safe(): void {
    for (const then of this.#waiting.splice(0)) then()
  }

  #change(place: number, fields: Partial<OwedMessage<Message>>): void {
    const row = this.rows.get(place)
    if (row === undefined) throw new Error(`nothing is owed at ${place}`)
    this.rows.set(place, { ...row, ...fields })
  }
}
