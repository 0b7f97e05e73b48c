/** Counts values by their size: adding one costs a short walk over the bounds, and no memory. */
export class Histogram {
  /** Upper bounds, each included, in rising order; what is above the last one has a count of its own. */
  readonly bounds: readonly number[]
  /** Of each bound alone, not of those below it; one more than there are bounds. */
  readonly counts: number[]
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  get count(): number {
    return this.counts.reduce((sum, each) => sum + each, 0)
  }

  observe(value: number): void {
    let place = 0
    while (place < this.bounds.length && value > (this.bounds[place] as number)) place += 1
    this.counts[place] = (this.counts[place] as number) + 1
    this.sum += value
  }

  /** @param other one with the same bounds. */
  add(other: Histogram): this {
    other.counts.forEach((count, place) => {
      this.counts[place] = (this.counts[place] ?? 0) + count
    })
    this.sum += other.sum
    return this
  }
}
