import type { Subject } from '../host-ports.ts'

/** What remembers subjects, to be told when one is gone. */
export interface SubjectKeeper {
  forget(ref: number): void
}

/** A subject and who knows it. */
export class KnownSubject implements Subject {
  readonly ref: number
  readonly json: string
  readonly source: string
  #released = false
  readonly #keepers: SubjectKeeper[] = []

  constructor(ref: number, json: string, source: string) {
    this.ref = ref
    this.json = json
    this.source = source
  }

  /** Whether nobody will ask about it any more; what is still queued may. */
  get released(): boolean {
    return this.#released
  }

  /** `keeper` knows this subject from now on. It must call this once only while it knows it. */
  keptBy(keeper: SubjectKeeper): void {
    if (!this.#keepers.includes(keeper)) this.#keepers.push(keeper)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    for (const keeper of this.#keepers) keeper.forget(this.ref)
    this.#keepers.length = 0
  }
}

/** Subject numbers start at 1: 0 stands for none. They are never used twice. */
export class Subjects {
  #last = 0

  add(json: string, source: string): KnownSubject {
    this.#last += 1
    return new KnownSubject(this.#last, json, source)
  }
}
