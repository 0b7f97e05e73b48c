import { Operation } from './operations.ts'
import type { Store } from './store.ts'

/** How messages are written down: engines do not look into them. */
export interface MessageCodec<M> {
  encode(message: M): Uint8Array
  /** @param bytes as they were encoded, its reader's own. */
  decode(bytes: Uint8Array): M
}

/** Messages that queues refer to: written once for all queues that get them in one batch. */
export class MessageBodies<M extends object> {
  readonly #store: Store
  readonly #codec: MessageCodec<M>
  /** In the gathering batch: of an earlier one, a body may be gone again by now. */
  readonly #written = new Map<M, number>()
  #batch = 0

  constructor(store: Store, codec: MessageCodec<M>) {
    this.#store = store
    this.#codec = codec
  }

  /** The number by which a queue refers to the message in this batch. */
  midOf(message: M): number {
    const { gathering } = this.#store
    if (this.#batch !== gathering) this.#written.clear()
    this.#batch = gathering
    const known = this.#written.get(message)
    if (known !== undefined) return known
    const body = this.#codec.encode(message)
    this.#store.lastMid += 1
    const mid = this.#store.lastMid
    this.#store.begin().u8(Operation.putMessage).number(mid).blob(body)
    this.#written.set(message, mid)
    return mid
  }
}
