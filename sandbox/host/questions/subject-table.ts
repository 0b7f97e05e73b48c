import { SUBJECTS_KNOWN } from '../../limits.ts'
import type { KnownSubject, SubjectKeeper } from './subjects.ts'

/** Which subjects one isolate knows, so that each crosses to it once. */
export class SubjectTable implements SubjectKeeper {
  readonly #bound: number
  readonly #known = new Set<number>()
  /** Still known over there, but of no more use: goes out with the next frame. */
  #forgotten: number[] = []

  constructor(bound: number = SUBJECTS_KNOWN) {
    this.#bound = bound
  }

  /** @returns whether the isolate must be told who the subject is: from then on it knows. */
  define(subject: KnownSubject): boolean {
    const { ref } = subject
    if (this.#known.has(ref)) return false
    if (this.#known.size >= this.#bound) this.#forgetOldest()
    // one that is gone already is asked about for the last time: it is forgotten with the next frame
    if (subject.released) this.#forgotten.push(ref)
    else {
      this.#known.add(ref)
      subject.keptBy(this)
    }
    return true
  }

  forget(ref: number): void {
    if (this.#known.delete(ref)) this.#forgotten.push(ref)
  }

  /** What the isolate is to forget; each is named once. */
  takeForgotten(): readonly number[] {
    const forgotten = this.#forgotten
    if (forgotten.length > 0) this.#forgotten = []
    return forgotten
  }

  /** A fresh isolate knows nobody. */
  clear(): void {
    this.#known.clear()
    this.#forgotten = []
  }

  #forgetOldest(): void {
    for (const oldest of this.#known) return this.forget(oldest)
  }
}
