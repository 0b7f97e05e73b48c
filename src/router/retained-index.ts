import { RetainedTree } from './retained-tree.ts'
import { parseFilter } from './topic-filter.ts'

/** A {@link RetainedTree} that is asked with filters as text, as an engine has them. */
export class RetainedIndex<Message> {
  readonly #tree = new RetainedTree<Message>()

  get size(): number {
    return this.#tree.size
  }

  set(topic: string, message: Message): void {
    this.#tree.set(topic, message)
  }

  delete(topic: string): void {
    this.#tree.delete(topic)
  }

  /** What is no filter matches nothing. @param each returns false to see no more. */
  match(filter: string, each: (message: Message) => boolean): void {
    const parsed = parseFilter(filter)
    if (!('refusal' in parsed)) this.#tree.match(parsed, each)
  }
}
