import { RingBuffer } from '../../../src/base/ring-buffer.ts'
import {
  CALL_RESULT_CHARS,
  CALLS_AT_ONCE,
  CALLS_UNDER_WAY,
  CALLS_WAITING_CHARS,
  EXPIRED_AT_ONCE,
  ORDERS_PER_CROSSING,
  QUESTIONS_WAITING,
  REFUSAL_CHARS,
  RESUME_CHARS,
} from '../../limits.ts'
import { CALL_OK, CALL_REFUSED, NOBODY_WAITS } from '../../wire/messages.ts'
import { type Power, Refusal } from '../capabilities/power.ts'
import { isNumber, type RawSide } from './answers.ts'
import { parseArgument } from './parse-argument.ts'
import type { Question } from './question.ts'

/** What a conversation needs of its plugin. */
export interface ConversationOwner {
  /** The granted powers by the capability's name. */
  readonly powers: ReadonlyMap<string, Power>
  /** Begins a piece of work of the tenant's when it is its turn; undefined: too much of it waits already. */
  inTurn<Result>(work: () => Result): Promise<Result> | undefined
  /** How often one question may use them. */
  readonly capabilityCallsPerCall: number
  /** How many effects it may have. */
  readonly effectsPerCall: number
  /** Results are there to be sent, or a clock runs. */
  wake(): void
  /** A power was refused, in here or inside: for the audit. */
  denied(power: string, detail: string): void
  /** A power threw what is no refusal, which is a bug of ours: for the log. Must not throw. */
  broke(power: string, error: unknown): void
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
  readonly #owner: ConversationOwner
  readonly #waiting = new Map<number, Entry>()
  /** Answered by policy already; the guest is told, and settles them. */
  readonly #abandoned = new Map<number, Entry>()
  /** Of these, those that it has not been told of. */
  readonly #letGo: number[] = []
  readonly #pending = new RingBuffer<Pending>(CALLS_UNDER_WAY)
  /** Of their arguments. */
  #pendingChars = 0
  #atWork = 0
  readonly #results: string[] = []
  #resultChars = 0
  readonly #ended = new AbortController()
  #lastCall = 0

  constructor(owner: ConversationOwner) {
    this.#owner = owner
  }

  /** How many questions may still be asked, with all that wait counted. */
  get room(): number {
    return QUESTIONS_WAITING - this.#waiting.size - this.#abandoned.size
  }

  /** Whose questions wait, if they are all of one source; `setup` is nobody's. */
  get source(): string | undefined {
    const sources = new Set<string>()
    for (const { question } of this.#waiting.values()) sources.add(question?.source ?? '')
    return sources.size === 1 ? [...sources][0] : undefined
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /** Calls are under way, or their results. */
  get isCalled(): boolean {
    return this.#pending.length + this.#atWork + this.#results.length > 0
  }

  /** @returns false when no guest of ours would give it this number. */
  waits(number: unknown, question: Question | null, until: number): boolean {
    if (!isNumber(number) || this.#waiting.has(number) || this.#abandoned.has(number)) return false
    this.#waiting.set(number, newEntry(question, until))
    return true
  }

  /** What waits under this number was answered before it could say so. */
  abandon(number: unknown): boolean {
    if (!isNumber(number) || this.#waiting.has(number) || this.#abandoned.has(number)) return false
    this.#giveUp(number, newEntry(null, 0))
    return true
  }

  /** @returns what has settled; null: nobody waits for it any more; undefined: there is no such number. */
  settled(number: unknown): Waiting | null | undefined {
    if (!isNumber(number)) return undefined
    // a frame that was under way when it ended is no reason to distrust the cell
    if (this.#ended.signal.aborted) return null
    const entry = this.#waiting.get(number)
    if (entry === undefined) return this.#abandoned.delete(number) ? null : undefined
    // what it called without awaiting goes on: a write happens whatever the verdict
    this.#waiting.delete(number)
    return entry
  }

  /** Takes out what has waited too long, and not more than so many. */
  expire(now: number, most: number = EXPIRED_AT_ONCE): readonly Waiting[] {
    const expired: Waiting[] = []
    for (const [number, entry] of this.#waiting) {
      if (now < entry.until) continue
      if (expired.length >= most) break
      this.#waiting.delete(number)
      this.#giveUp(number, entry)
      expired.push(entry)
    }
    return expired
  }

  /** Takes out all that waits: whoever it is will not be waited for. */
  abandonAll(): readonly Waiting[] {
    return this.expire(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
  }

  /** The isolate is gone. @returns all that waited. */
  end(): readonly Waiting[] {
    const left = [...this.#waiting.values()]
    this.#ended.abort()
    for (const entry of left) entry.nobodyWaits.abort()
    this.#waiting.clear()
    this.#abandoned.clear()
    this.#letGo.length = 0
    this.#results.length = 0
    while (this.#pending.shift() !== undefined);
    return left
  }

  /** Makes the calls that came beside answers. @returns false when no guest of ours would ask like this. */
  hear({ settled, calls, notes }: RawSide, questions: number): boolean {
    if (this.#ended.signal.aborted) return true
    // nobody waits for the calls of what has ended with this frame, each of which made as many as it may
    const ended = questions + settled.length / 2
    let unclaimed = ended * this.#owner.capabilityCallsPerCall + ORDERS_PER_CROSSING
    for (const each of calls) {
      if (!Array.isArray(each)) return false
      const [call, caller, name, argument] = each as readonly unknown[]
      if (!isNumber(call) || call <= this.#lastCall) return false
      if (typeof name !== 'string' || typeof argument !== 'string') return false
      this.#lastCall = call
      if (caller === 0) unclaimed -= 1
      if (unclaimed < 0) return false
      const signal = caller === 0 ? this.#ended.signal : this.#signalFor(caller)
      if (signal === undefined || !this.#call(call, name, argument, signal)) return false
    }
    for (const note of notes) {
      if (!Array.isArray(note)) return false
      const [name, text] = note as readonly unknown[]
      if (typeof name === 'string' && typeof text === 'string') this.#owner.denied(name, text)
    }
    return true
  }

  /** The next results, as many as a frame holds. */
  takeResume(): ResumeText | undefined {
    let body = ''
    for (const number of this.#letGo) body += `,${number},${NOBODY_WAITS},0`
    let count = 0
    let chars = 0
    while (count < this.#results.length) {
      const result = this.#results[count] as string
      if (count > 0 && body.length + result.length > RESUME_CHARS) break
      body += `,${result}`
      chars += result.length
      count += 1
    }
    if (body === '') return undefined
    this.#results.splice(0, count)
    this.#resultChars -= chars
    count += this.#letGo.length
    this.#letGo.length = 0
    this.#pump()
    return { body: `[${body.slice(1)}]`, count }
  }

  /** The signal of a call that this one makes; undefined: it may not make it. */
  #signalFor(caller: unknown): AbortSignal | undefined {
    if (!isNumber(caller)) return undefined
    const entry = this.#waiting.get(caller) ?? this.#abandoned.get(caller)
    if (entry === undefined) return undefined
    entry.calls += 1
    return entry.calls <= this.#owner.capabilityCallsPerCall ? entry.nobodyWaits.signal : undefined
  }

  /** @returns false when it is owed too many answers already: a guest of ours stops before. */
  #call(call: number, name: string, argument: string, signal: AbortSignal): boolean {
    const power = this.#owner.powers.get(name)
    if (power?.order !== undefined) {
      this.#order(name, () => power.order?.(parseArgument(argument)))
      return true
    }
    if (this.#pending.length + this.#atWork + this.#results.length >= CALLS_UNDER_WAY) return false
    if (power?.call === undefined) {
      this.#owner.denied(name, 'not granted')
      this.#answer(call, new Refusal('notAllowed', `ctx.${name} is not granted`))
    } else if (this.#pendingChars + argument.length > CALLS_WAITING_CHARS) {
      this.#answer(call, new Refusal('limit', 'the calls of this plugin that wait are too large together'))
    } else {
      this.#pending.push({ call, name, power, argument, signal })
      this.#pendingChars += argument.length
      this.#pump()
    }
    return true
  }

  #order(name: string, give: () => void): void {
    try {
      give()
    } catch (error) {
      if (error instanceof Refusal) this.#owner.denied(name, error.message)
      else this.#owner.broke(name, error)
    }
  }

  /** Begins what may begin: results that nobody has taken yet hold up the next ones. */
  #pump(): void {
    while (this.#atWork < CALLS_AT_ONCE && this.#resultChars < RESUME_CHARS) {
      const next = this.#pending.shift()
      if (next === undefined) return
      this.#pendingChars -= next.argument.length
      this.#atWork += 1
      void this.#serve(next)
    }
  }

  async #serve(next: Pending): Promise<void> {
    const outcome = await this.#attempt(next)
    this.#atWork -= 1
    if (outcome instanceof Refusal && outcome.code === 'notAllowed') {
      this.#owner.denied(next.name, outcome.message)
    }
    this.#answer(next.call, outcome)
    this.#pump()
  }

  /**
   * What came of a call, as JSON text. Never rejects: a bug of ours in a power must neither end the broker
   * nor leave the plugin waiting.
   */
  async #attempt({ name, power, argument, signal }: Pending): Promise<string | Refusal> {
    try {
      const begun = this.#owner.inTurn(async () => {
        if (signal.aborted) throw new Refusal('unavailable', 'nobody waits for it any more')
        const json = JSON.stringify((await power.call?.(parseArgument(argument), signal)) ?? null)
        if (json.length > CALL_RESULT_CHARS)
          throw new Refusal('limit', 'what was found is too large to cross')
        return json
      })
      if (begun === undefined) throw new Refusal('limit', 'too much of this tenant waits for its turn')
      return await begun
    } catch (error) {
      if (error instanceof Refusal) return error
      this.#owner.broke(name, error)
      return new Refusal('unavailable', 'the host failed; its log says why')
    }
  }

  #answer(call: number, outcome: string | Refusal): void {
    if (this.#ended.signal.aborted) return
    const text = outcome instanceof Refusal ? refusalText(call, outcome) : `${call},${CALL_OK},${outcome}`
    this.#results.push(text)
    this.#resultChars += text.length
    this.#owner.wake()
  }

  #giveUp(number: number, entry: Entry): void {
    this.#abandoned.set(number, entry)
    entry.nobodyWaits.abort()
    this.#letGo.push(number)
    this.#owner.wake()
  }
}

function newEntry(question: Question | null, until: number): Entry {
  return { question, until, nobodyWaits: new AbortController(), calls: 0 }
}

function refusalText(call: number, { code, message }: Refusal): string {
  return `${call},${CALL_REFUSED},${JSON.stringify({ code, message: message.slice(0, REFUSAL_CHARS) })}`
}
