import type { WireEvents } from '../../../src/transport/wire.ts'

/** What a wire tells, kept, and waited for. */
export class RecordedEvents implements WireEvents {
  bytes: Buffer = Buffer.alloc(0)
  chunks = 0
  error: Error | null = null
  readonly #came = new Set<keyof WireEvents>()
  #wake: (() => void) | null = null

  data(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk])
    this.chunks += 1
    this.#come('data')
  }

  drained(): void {
    this.#come('drained')
  }

  ended(error: Error | null): void {
    this.error = error
    this.#come('ended')
  }

  async until(event: keyof WireEvents): Promise<void> {
    while (!this.#came.has(event)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #come(event: keyof WireEvents): void {
    this.#came.add(event)
    this.#wake?.()
  }
}
