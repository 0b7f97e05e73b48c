import type { Match } from './match.ts'

/** The sessions that share one subscription: each message goes to one of them, in turn. */
export class SharedGroup<S extends object> {
  readonly shareName: string
  /** Without `$share/NAME/`. */
  readonly filter: string
  readonly #members: Match<S>[] = []
  #turn = 0

  constructor(shareName: string, filter: string) {
    this.shareName = shareName
    this.filter = filter
  }

  /** In the order in which they subscribed. */
  get members(): readonly Match<S>[] {
    return this.#members
  }

  /** @param key a member's {@link Match.key}. */
  has(key: object): boolean {
    return this.#indexOf(key) !== -1
  }

  /** A subscriber that is a member already keeps its place in the order. */
  add(member: Match<S>): void {
    const index = this.#indexOf(member.key)
    if (index === -1) this.#members.push(member)
    else this.#members[index] = member
  }

  remove(key: object): void {
    const index = this.#indexOf(key)
    if (index === -1) return
    this.#members.splice(index, 1)
    // who is next stays next: a member that leaves takes no turn from another
    if (index < this.#turn) this.#turn -= 1
  }

  /**
   * The next member in turn that is eligible, and has a name for the topic; undefined when none is.
   */
  pick(topic: string, eligible: (subscriber: S) => boolean): Match<S> | undefined {
    const members = this.#members
    for (let step = 0; step < members.length; step += 1) {
      const index = (this.#turn + step) % members.length
      const member = members[index]
      if (member === undefined || !eligible(member.subscriber)) continue
      const match = member.named(topic)
      if (match === null) continue
      this.#turn = (index + 1) % members.length
      return match
    }
    return undefined
  }

  #indexOf(key: object): number {
    return this.#members.findIndex((member) => member.key === key)
  }
}
