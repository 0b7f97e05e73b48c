import { CLIENT_BYTES_WAITING, CLIENT_MESSAGES_WAITING } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'

interface Sized {
  readonly topic: string
  readonly payload: Uint8Array
}

/** Messages that wait for whoever reads them, bounded by number and bytes. */
export class MessageQueue<T extends Sized> {
  readonly #waiting = new RingBuffer<T>(CLIENT_MESSAGES_WAITING)
  #bytes = 0
  #news = Promise.withResolvers<void>()
  #ended: { readonly error: unknown } | null = null
  #isOver = false
  /** Messages that found no room. */
  dropped = 0

  push(message: T): void {
    const bytes = sizeOf(message)
    const fits = this.#bytes + bytes <= CLIENT_BYTES_WAITING || this.#waiting.length === 0
    if (!fits || !this.#waiting.push(message)) {
      this.dropped += 1
      return
    }
    this.#bytes += bytes
    this.#wake()
  }

  /** No more will come; whoever reads gets what is there, and then the end. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  /** No more will come, and whoever reads gets this error behind what is there. */
  fail(error: unknown): void {
    this.#ended ??= { error }
    this.end()
  }

  /** Several may read: each message is given to one of them. */
  async *read(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const message = this.#waiting.shift()
      if (message !== undefined) {
        this.#bytes -= sizeOf(message)
        yield message
      } else if (this.#isOver) {
        if (this.#ended !== null) throw this.#ended.error
        return
      } else await this.#news.promise
    }
  }

  #wake(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}

function sizeOf({ topic, payload }: Sized): number {
  return topic.length + payload.length
}
