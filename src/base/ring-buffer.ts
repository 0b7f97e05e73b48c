import { assert } from './assert.ts'

const FIRST_CAPACITY = 8
// what a burst needed is given back once the ring is drained and bursts have become smaller
const KEPT_CAPACITY = 256
const SPARE_FACTOR = 4

/** A first-in-first-out queue with a bound: grows by doubling, never moves its items to take one out. */
export class RingBuffer<T> {
  readonly bound: number
  #slots: (T | undefined)[] = []
  #head = 0
  #length = 0
  /** The greatest length since it was last empty. */
  #peak = 0

  /** @param bound how many items it holds at most; 0: it takes none. */
  constructor(bound: number) {
    assert(Number.isSafeInteger(bound) && bound >= 0, 'a ring buffer has a bound')
    this.bound = bound
  }

  get length(): number {
    return this.#length
  }

  /** @returns false when the queue is at its bound: the item was not taken. */
  push(item: T): boolean {
    if (this.#length === this.bound) return false
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length += 1
    if (this.#length > this.#peak) this.#peak = this.#length
    return true
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length -= 1
    if (this.#length === 0) this.#drained()
    return item
  }

  /** The item that `shift` would take. */
  peek(): T | undefined {
    return this.at(0)
  }

  /** The item at `index`, counted from the oldest. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  #drained(): void {
    const { length } = this.#slots
    if (length > KEPT_CAPACITY && this.#peak * SPARE_FACTOR < length) this.clear()
    this.#peak = 0
  }

  clear(): void {
    this.#slots = []
    this.#head = 0
    this.#length = 0
  }

  /** The capacity stays a power of two, so that a position is one mask away; the bound is kept by `push`. */
  #grow(): void {
    const grown = new Array<T | undefined>(Math.max(FIRST_CAPACITY, this.#slots.length * 2)).fill(undefined)
    for (let index = 0; index < this.#length; index += 1) grown[index] = this.at(index)
    this.#slots = grown
    this.#head = 0
  }
}
