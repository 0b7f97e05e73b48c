/** Counts by name. Whoever counts sees to it that there are few names: they become labels of metrics. */
export class Tally<Name extends string = string> {
  readonly #counts = new Map<Name, number>()

  count(name: Name): void {
    this.#counts.set(name, this.of(name) + 1)
  }

  of(name: Name): number {
    return this.#counts.get(name) ?? 0
  }

  [Symbol.iterator](): IterableIterator<[Name, number]> {
    return this.#counts.entries()
  }
}
