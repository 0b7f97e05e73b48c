import { RingBuffer } from '../../src/base/ring-buffer.ts'
import {
  CALL_RESULT_CHARS,
  CALLS_AT_ONCE,
  CALLS_UNDER_WAY,
  FRAMES_UNDER_WAY,
  ORDERS_PER_CROSSING,
  QUESTIONS_WAITING,
  REFUSAL_CHARS,
  RESUME_CHARS,
} from '../limits.ts'
import { CALL_OK, CALL_REFUSED } from '../wire/messages.ts'
import { isNumber, type RawSide } from './answers.ts'
import { type Power, Refusal } from './capabilities/power.ts'
import { parseArgument } from './parse-argument.ts'
import type { Question } from './question.ts'

/** What a conversation needs of its plugin. */
export interface Partner {
  /** The granted powers by the capability's name. */
  readonly powers: ReadonlyMap<string, Power>
  /** Begins a piece of work of the tenant's when it is its turn; undefined: too much of it waits already. */
  inTurn<Result>(work: () => Result): Promise<Result> | undefined
  /** How often one question may use them. */
  readonly callsPerQuestion: number
  /** Results are there to be sent, or a clock runs. */
  wake(): void
  /** A power was refused, in here or inside: for the audit. */
  denied(power: string, detail: string): void
}

/** Something that waits for capability calls: a question, or `setup` (null). */
export interface Waiting {
  readonly question: Question | null
  /** When it has waited too long, in ms of `performance.now`. */
  readonly until: number
}

interface Entry extends Waiting {
  readonly nobodyWaits: AbortController
  calls: number
}

/** A capability call that has not begun. */
interface Pending {
  readonly call: number
  readonly name: string
  readonly power: Power
  /** JSON text, unparsed. */
  readonly argument: string
  readonly signal: AbortSignal
}

/** A `resume` frame's body, and how many results it has. */
export interface ResumeText {
  readonly body: string
  readonly count: number
}

/**
 * What the host and one isolate owe each other: questions that wait, capability calls under way, results that
 * have not been sent. It begins and ends with its isolate. Whatever comes from over there is hostile until
 * checked here.
 */
export class Conversation {
  readonly #partner: Partner
  readonly #waiting = new Map<number, Entry>()
  /** Answered by policy already; the guest does not know, and will settle them some day. */
  readonly #abandoned = new Set<number>()
  readonly #pending = new RingBuffer<Pending>(MOST_UNANSWERED)
  #atWork = 0
  readonly #results: string[] = []
  #resultChars = 0
  readonly #ended = new AbortController()
  #lastCall = 0

  constructor(partner: Partner) {
    this.#partner = partner
  }

  /** How many questions may still be asked, with all that wait counted. */
  get room(): number {
    return QUESTIONS_WAITING - this.#waiting.size - this.#abandoned.size
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /** @returns false when no guest of ours would give it this number. */
  waits(number: unknown, question: Question | null, until: number): boolean {
    if (!isNumber(number) || this.#waiting.has(number) || this.#abandoned.has(number)) return false
    this.#waiting.set(number, { question, until, nobodyWaits: new AbortController(), calls: 0 })
    return true
  }

  /** What waits under this number was answered before it could say so. */
  abandon(number: unknown): boolean {
    if (!isNumber(number) || this.#waiting.has(number) || this.#abandoned.has(number)) return false
    this.#abandoned.add(number)
    return true
  }

  /** @returns what has settled; null: nobody waits for it any more; undefined: there is no such number. */
  settled(number: unknown): Waiting | null | undefined {
    if (!isNumber(number)) return undefined
    const entry = this.#waiting.get(number)
    if (entry === undefined) return this.#abandoned.delete(number) ? null : undefined
    // what it called without awaiting goes on: a write happens whatever the verdict
    this.#waiting.delete(number)
    return entry
  }

  /** Takes out what has waited too long. */
  expire(now: number): readonly Waiting[] {
    const expired: Waiting[] = []
    for (const [number, entry] of this.#waiting) {
      if (now < entry.until) continue
      this.#waiting.delete(number)
      this.#abandoned.add(number)
      entry.nobodyWaits.abort()
      expired.push(entry)
    }
    return expired
  }

  /** Takes out all that waits: whoever it is will not be waited for. */
  abandonAll(): readonly Waiting[] {
    return this.expire(Number.POSITIVE_INFINITY)
  }

  /** The isolate is gone. @returns all that waited. */
  end(): readonly Waiting[] {
    const left = [...this.#waiting.values()]
    this.#ended.abort()
    for (const entry of left) entry.nobodyWaits.abort()
    this.#waiting.clear()
    this.#abandoned.clear()
    this.#results.length = 0
    while (this.#pending.shift() !== undefined);
    return left
  }

  /** Makes the calls that came beside answers. @returns false when no guest of ours would ask like this. */
  hear({ calls, notes }: RawSide, questions: number): boolean {
    // of calls that nobody waits for, each question of the frame may have made as many as it may
    let unowned = (questions + this.#waiting.size + 1) * this.#partner.callsPerQuestion + ORDERS_PER_CROSSING
    for (const each of calls) {
      if (!Array.isArray(each)) return false
      const [call, owner, name, argument] = each as readonly unknown[]
      if (!isNumber(call) || call <= this.#lastCall) return false
      if (typeof name !== 'string' || typeof argument !== 'string') return false
      this.#lastCall = call
      // a guest stops before; one that does not would fill our memory with answers that it does not take
      if (this.#pending.length + this.#atWork + this.#results.length >= MOST_UNANSWERED) return false
      if (owner === 0) {
        unowned -= 1
        if (unowned < 0) return false
        this.#call(call, name, argument, this.#ended.signal)
      } else if (!this.#callFor(owner, call, name, argument)) return false
    }
    for (const note of notes) {
      if (!Array.isArray(note)) return false
      const [name, text] = note as readonly unknown[]
      if (typeof name === 'string' && typeof text === 'string') this.#partner.denied(name, text)
    }
    return true
  }

  /** The next results, as many as a frame holds. */
  takeResume(): ResumeText | undefined {
    if (this.#results.length === 0) return undefined
    let body = ''
    let count = 0
    while (count < this.#results.length) {
      const result = this.#results[count] as string
      if (count > 0 && body.length + result.length > RESUME_CHARS) break
      body += `,${result}`
      count += 1
    }
    this.#results.splice(0, count)
    this.#resultChars -= body.length
    this.#pump()
    return { body: `[${body.slice(1)}]`, count }
  }

  #callFor(owner: unknown, call: number, name: string, argument: string): boolean {
    if (!isNumber(owner)) return false
    const entry = this.#waiting.get(owner)
    if (entry === undefined) {
      if (!this.#abandoned.has(owner)) return false
      this.#answer(call, new Refusal('unavailable', 'the question has waited too long: nobody waits for it'))
      return true
    }
    entry.calls += 1
    if (entry.calls > this.#partner.callsPerQuestion) return false
    this.#call(call, name, argument, entry.nobodyWaits.signal)
    return true
  }

  #call(call: number, name: string, argument: string, signal: AbortSignal): void {
    const power = this.#partner.powers.get(name)
    if (power?.call === undefined) {
      this.#partner.denied(name, 'not granted')
      return this.#answer(call, new Refusal('notAllowed', `ctx.${name} is not granted`))
    }
    this.#pending.push({ call, name, power, argument, signal })
    this.#pump()
  }

  /** Begins what may begin: results that nobody has taken yet hold up the next ones. */
  #pump(): void {
    while (this.#atWork < CALLS_AT_ONCE && this.#resultChars < RESUME_CHARS) {
      const next = this.#pending.shift()
      if (next === undefined) return
      this.#atWork += 1
      void this.#serve(next)
    }
  }

  async #serve(next: Pending): Promise<void> {
    const outcome = await this.#attempt(next)
    this.#atWork -= 1
    if (outcome instanceof Refusal && outcome.code === 'notAllowed') {
      this.#partner.denied(next.name, outcome.message)
    }
    this.#answer(next.call, outcome)
    this.#pump()
  }

  /** Never rejects: a bug of ours in a power must neither end the broker nor leave the plugin waiting. */
  async #attempt({ power, argument, signal }: Pending): Promise<unknown> {
    try {
      const begun = this.#partner.inTurn(async () => {
        if (signal.aborted) throw new Refusal('unavailable', 'nobody waits for it any more')
        return (await power.call?.(parseArgument(argument), signal)) ?? null
      })
      if (begun === undefined) throw new Refusal('limit', 'too much of this tenant waits for its turn')
      return await begun
    } catch (error) {
      return error instanceof Refusal
        ? error
        : new Refusal('unavailable', 'the host failed; its log may say why')
    }
  }

  #answer(call: number, outcome: unknown): void {
    if (this.#ended.signal.aborted) return
    const text = resultText(call, outcome)
    this.#results.push(text)
    this.#resultChars += text.length + 1
    this.#partner.wake()
  }
}

/** Calls that a guest may await, and the orders of as many crossings as can be under way. */
const MOST_UNANSWERED: number = CALLS_UNDER_WAY + FRAMES_UNDER_WAY * ORDERS_PER_CROSSING

function resultText(call: number, outcome: unknown): string {
  if (outcome instanceof Refusal) return refusalText(call, outcome)
  const json = JSON.stringify(outcome)
  return json.length <= CALL_RESULT_CHARS
    ? `${call},${CALL_OK},${json}`
    : refusalText(call, new Refusal('limit', 'what was found is too large to cross'))
}

function refusalText(call: number, { code, message }: Refusal): string {
  return `${call},${CALL_REFUSED},${JSON.stringify({ code, message: message.slice(0, REFUSAL_CHARS) })}`
}
