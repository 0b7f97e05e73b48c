/** What wants to be flushed once, when all that this turn of the event loop brought has been read. */
export interface Flushable {
  flush(): void
}

/**
 * Collects what got dirty in one turn of the event loop and flushes each once when the turn's reads are done:
 * one frame a plugin, one write a socket, however many packets came. `setImmediate` runs right after the poll
 * phase, in which Node calls all readable sockets.
 *
 * Stages run in order, so that the answers which a plugin's frame releases leave in the same turn.
 */
export class TickEnd {
  #dirty: Flushable[] = []
  #spare: Flushable[] = []
  #scheduled = false

  /** The caller keeps its own dirty flag: an object is to be added once a turn. */
  add(flushable: Flushable): void {
    this.#dirty.push(flushable)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    // what a flush dirties anew is for the next turn: bounded work a turn, and no starvation of reads
    const batch = this.#dirty
    this.#dirty = this.#spare
    this.#spare = batch
    this.#scheduled = false
    for (const flushable of batch) flushable.flush()
    batch.length = 0
  }
}
