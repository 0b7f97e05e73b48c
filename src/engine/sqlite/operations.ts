import { Buffer } from 'node:buffer'
import { ByteSink } from '../../base/byte-sink.ts'

/**
 * What the broker has the storage thread do. An operation is its number and its fields, in the order in which
 * {@link OperationWriter}'s callers write them and the thread reads them: both are in this folder, and run
 * from one version.
 */
export const Operation = {
  putSession: 1,
  dropSession: 2,
  expireSession: 3,
  putSubscription: 4,
  dropSubscription: 5,
  putMessage: 6,
  enqueue: 7,
  enqueueTakenBack: 8,
  launch: 9,
  launchTakenBack: 10,
  change: 11,
  release: 12,
  dequeue: 13,
  receive: 14,
  forget: 15,
  putWill: 16,
  dropWill: 17,
  setRetained: 18,
  clearRetained: 19,
  audit: 20,
  readAudit: 21,
  readQueue: 22,
  kvGet: 23,
  kvSet: 24,
  kvDelete: 25,
  kvList: 26,
  documentGet: 27,
  documentList: 28,
  documentsChange: 29,
  blobPut: 30,
  blobGet: 31,
  blobDelete: 32,
  forgetTenant: 33,
  kvUsed: 34,
} as const

/** Appends operations to a batch. */
export class OperationWriter {
  readonly #sink: ByteSink

  constructor(capacity: number) {
    this.#sink = new ByteSink(capacity)
  }

  get length(): number {
    return this.#sink.length
  }

  /** What was written; nobody writes to it any more. */
  get bytes(): Buffer {
    return this.#sink.bytes.subarray(0, this.#sink.length)
  }

  /** Makes another operation of the one that begins here; its fields are read by the other's names. */
  replace(at: number, operation: number): void {
    this.#sink.bytes[at] = operation
  }

  u8(value: number): this {
    const at = this.#sink.reserve(1)
    this.#sink.bytes[at] = value
    return this
  }

  u32(value: number): this {
    const at = this.#sink.reserve(4)
    this.#sink.bytes.writeUInt32LE(value, at)
    return this
  }

  /** Any number, Infinity and what is above 2³² among them. */
  number(value: number): this {
    const at = this.#sink.reserve(8)
    this.#sink.bytes.writeDoubleLE(value, at)
    return this
  }

  text(value: string): this {
    // three bytes for each unit of UTF-16 are always enough
    const at = this.#sink.reserve(4 + value.length * 3)
    const length = this.#sink.bytes.write(value, at + 4)
    this.#sink.bytes.writeUInt32LE(length, at)
    this.#sink.length = at + 4 + length
    return this
  }

  blob(value: Uint8Array): this {
    this.u32(value.length)
    const at = this.#sink.reserve(value.length)
    this.#sink.bytes.set(value, at)
    return this
  }
}

/** Reads a batch, field by field. */
export class OperationReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get more(): boolean {
    return this.#at < this.#bytes.length
  }

  u8(): number {
    this.#at += 1
    return this.#bytes.readUInt8(this.#at - 1)
  }

  u32(): number {
    this.#at += 4
    return this.#bytes.readUInt32LE(this.#at - 4)
  }

  number(): number {
    this.#at += 8
    return this.#bytes.readDoubleLE(this.#at - 8)
  }

  text(): string {
    const length = this.u32()
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  /** Leaves bytes out. */
  skip(size: number): void {
    this.#at += size
  }

  /** A view of the batch. */
  blob(): Buffer {
    const length = this.u32()
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
