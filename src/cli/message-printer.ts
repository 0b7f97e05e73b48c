import type { PublishPacket } from '../client/connection.ts'
import { filterMatches } from '../router/topic-filter.ts'
import type { Format } from './output-format.ts'

/** The flags that say what is printed of a message. */
export interface PrintFlags {
  readonly verbose?: true
  /** In place of the payload, and the topic. */
  readonly format?: Format
  /** Topic filters of messages that are not printed. */
  readonly filterOut?: readonly string[]
  /** How many messages, if not for ever. */
  readonly count?: number
  /** Whether retained messages from before the subscription are printed too. */
  readonly stale: boolean
  /** These alone; the first that is none is the end. */
  readonly retainedOnly?: true
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

  /** @throws BulkheadError ERR_CLIENT where the format does not fit the message; it counts all the same. */
  print(topic: string, payload: Buffer, packet: PublishPacket): void {
    const { stale, retainedOnly, filterOut = [] } = this.#flags
    if (this.#left === 0 || (packet.retain && !stale)) return
    if (filterOut.some((filter) => filterMatches(filter, topic))) return
    if (retainedOnly && !packet.retain) {
      this.#finish()
      return
    }
    try {
      this.#write(topic, payload, packet)
    } finally {
      this.#left--
      if (this.#left === 0) this.#onDone()
    }
  }

  #write(topic: string, payload: Buffer, packet: PublishPacket): void {
    const { verbose, format, eol } = this.#flags
    if (format !== undefined) this.#out.write(format({ topic, payload, packet }))
    else {
      if (verbose) this.#out.write(payload.length === 0 ? `${topic} (null)` : `${topic} `)
      this.#out.write(payload)
    }
    if (eol) this.#out.write('\n')
  }

  #finish(): void {
    this.#left = 0
    this.#onDone()
  }
}
