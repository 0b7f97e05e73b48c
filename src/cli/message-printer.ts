/** The flags that say what is printed of a message. */
export interface PrintFlags {
  readonly verbose?: true
  /** How many messages, if not for ever. */
  readonly count?: number
  /** Whether retained messages from before the subscription are printed too. */
  readonly stale: boolean
  /** Whether a line break follows each. */
  readonly eol: boolean
}

/** Writes messages as mosquitto_sub does, up to the count that is wanted. */
export class MessagePrinter {
  readonly #flags: PrintFlags
  readonly #out: NodeJS.WritableStream
  readonly #onDone: () => void
  #left: number

  /** @param onDone called once, when the last message that is wanted was written. */
  constructor(flags: PrintFlags, out: NodeJS.WritableStream, onDone: () => void) {
    this.#flags = flags
    this.#out = out
    this.#onDone = onDone
    this.#left = flags.count ?? Number.POSITIVE_INFINITY
  }

  print(topic: string, payload: Buffer, retain: boolean): void {
    if (this.#left === 0 || (retain && !this.#flags.stale)) return
    const { verbose, eol } = this.#flags
    if (verbose) this.#out.write(payload.length === 0 ? `${topic} (null)` : `${topic} `)
    this.#out.write(payload)
    if (eol) this.#out.write('\n')
    this.#left--
    if (this.#left === 0) this.#onDone()
  }
}
