import { ANSWER_COST, type SandboxLimits, VERDICT_COST } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import type { AskerName, HookName } from '../../sdk/hooks.ts'
import { hookOf, TIMER } from '../../wire/messages.ts'
import type { Judging } from '../cells/job.ts'
import type { PluginWaits } from '../host-ports.ts'
import { PluginCounters } from '../plugins/plugin-counters.ts'
import type { PluginPowers } from '../plugins/plugin-powers.ts'
import type { PluginReports } from '../plugins/plugin-reports.ts'
import type { RawSide } from './answers.ts'
import type { AnswerSink } from './ask-frame.ts'
import { auditedDecision } from './audited-decision.ts'
import { Fault, judge, readFault } from './check-verdict.ts'
import { Conversation, type ConversationOwner, type ResumeText, type Waiting } from './conversation.ts'
import { type Effects, latePlace, release } from './effects.ts'
import type { Question } from './question.ts'
import type { ResumeSink } from './resume-frame.ts'

/** Whose answers they are. */
export interface DeskOwner {
  readonly isStopped: boolean
  /** As {@link ConversationOwner.inTurn}. */
  inTurn<Result>(work: () => Result): Promise<Result> | undefined
  /** There is something to send, or a clock to be looked at. */
  wake(): void
  giveBack(question: Question): void
  struck(source: string | undefined, outcome: Outcome): void
  suspected(): void
  condemned(outcome: Outcome, detail: string): void
  full(): void
  /** A `setup` that had waited for the host has ended. */
  setUp(effects: Parameters<typeof release>[0]): void
  setupFailed(outcome: Outcome, detail: string): void
}

/**
 * Where one plugin's answers come in: each is judged, and goes to who asked; what waits for the host is kept
 * here, with the powers that it waits for. Nothing that comes is believed before it is checked.
 */
export class AnswerDesk implements AnswerSink, ResumeSink, ConversationOwner {
  readonly #owner: DeskOwner
  readonly #powers: PluginPowers
  readonly #reports: PluginReports
  readonly #limits: SandboxLimits
  readonly #waitMs: SandboxLimits['waitMs']
  readonly #counters: PluginCounters
  #talk: Conversation

  /** @param waits what the plugin says of its own waiting, in place of the tenant's limits. */
  constructor(
    owner: DeskOwner,
    powers: PluginPowers,
    reports: PluginReports,
    limits: SandboxLimits,
    waits: PluginWaits = {},
    counters: PluginCounters = new PluginCounters(),
  ) {
    this.#owner = owner
    this.#powers = powers
    this.#reports = reports
    this.#limits = limits
    this.#waitMs = { ...limits.waitMs, ...waits }
    this.#counters = counters
    this.#talk = new Conversation(this)
  }

  get powers(): PluginPowers['byName'] {
    return this.#powers.byName
  }

  get capabilityCallsPerCall(): number {
    return this.#limits.capabilityCallsPerCall
  }

  get effectsPerCall(): number {
    return this.#limits.publishesPerCall + this.#limits.logsPerCall
  }

  /** How many more questions the isolate may have. */
  get room(): number {
    return this.#talk.room
  }

  /** Something waits for the host: {@link expire} must be called now and then. */
  get isWaiting(): boolean {
    return this.#talk.isWaiting
  }

  /** The host is at work for it, whether anybody waits for that or not. */
  get isCalled(): boolean {
    return this.#talk.isCalled
  }

  /** A fresh isolate knows nothing of what the last one waited for. */
  begin(): void {
    this.#talk = new Conversation(this)
  }

  /** The isolate is gone, and with it all that waited in there. */
  isolateGone(outcome: Outcome, detail: string): void {
    this.#powers.isolateGone()
    for (const waiting of this.#talk.end()) this.#giveUp(waiting, outcome, detail)
  }

  /** All that waits is answered; what it still asks of the host may happen. */
  abandon(outcome: Outcome, detail: string): void {
    for (const waiting of this.#talk.abandonAll()) this.#giveUp(waiting, outcome, detail)
  }

  expire(now: number): void {
    for (const waiting of this.#talk.expire(now)) this.#giveUp(waiting, 'unsettled', TOO_LONG)
  }

  takeResume(): ResumeText | undefined {
    return this.#talk.takeResume()
  }

  /** `setup` waits, for as long as its tenant may. @returns false when no guest of ours would say this. */
  setupWaits(number: number): boolean {
    return this.#talk.waits(number, null, performance.now() + this.#limits.waitMs.authenticate)
  }

  answered(question: Question, outcome: Outcome, raw: unknown, place: number, effects: Effects | null): void {
    const { asker, hook, hops } = question
    if (outcome !== 'ok') return this.ended(question, outcome, String(raw))
    if (hook === TIMER) this.#powers.timerRan(Number(question.event))
    if (asker === null) {
      if (typeof raw === 'string') return this.#answerFault(question, readFault(raw))
    } else {
      const judged = judge(hookOf(hook) as AskerName, raw)
      if (judged instanceof Fault) return this.#answerFault(question, judged)
      const decision = auditedDecision(judged)
      if (decision !== null) this.#reports.decided(hookOf(hook), `${decision}, about ${question.source}`)
      this.#counters.answer(question, 'ok', judged)
    }
    const left = effects?.get(place)
    if (left !== undefined && asker?.isTrial !== true) release(left, this, hops)
  }

  /** It did not end in an answer. */
  ended(question: Question, outcome: Outcome, detail: string): void {
    const ended = this.#owner.isStopped ? 'stopped' : outcome
    if (question.hook === TIMER) this.#powers.timerRan(Number(question.event))
    if (ended !== 'stopped') this.#reports.faulted(placeOf(question.hook), ended, detail)
    this.#counters.answer(question, ended)
  }

  waits(question: Question | null, number: unknown): boolean {
    if (question === null) return this.#talk.abandon(number)
    const { authenticate, authorize } = this.#waitMs
    const isConnect = hookOf(question.hook) === 'authenticate'
    const until = performance.now() + (isConnect ? authenticate : authorize)
    return this.#talk.waits(number, question, until)
  }

  *heard(side: RawSide, effects: Effects, questions: number): Judging {
    const { lines, dropped, settled } = side
    if (lines.length > 0 || dropped > 0) this.#reports.logged(lines, dropped)
    for (let at = 0; at < settled.length; at += 2) {
      const waiting = this.#talk.settled(settled[at])
      if (waiting === undefined) return false
      if (waiting === null) continue
      const answer = settled[at + 1]
      this.#late(waiting, answer, latePlace(at / 2), effects)
      yield typeof answer === 'string' ? VERDICT_COST + answer.length : ANSWER_COST
    }
    return this.#talk.hear(side, questions)
  }

  giveBack(question: Question): void {
    this.#owner.giveBack(question)
  }

  get sourceOfWaiting(): string | undefined {
    return this.#talk.source
  }

  struck(source: string | undefined, outcome: Outcome): void {
    this.#owner.struck(source, outcome)
  }

  suspected(): void {
    this.#owner.suspected()
  }

  strayed(outcome: Outcome, detail: string): void {
    // where nobody waits for an answer, nothing else would tell why the isolate is made anew
    if (!this.#talk.isWaiting) this.#reports.faulted('resume', outcome, detail)
    this.#owner.condemned(outcome, detail)
  }

  condemned(outcome: Outcome, detail: string): void {
    this.#owner.condemned(outcome, detail)
  }

  full(): void {
    this.#owner.full()
  }

  /** Whoever goes on in the cell does not come to an end, and which of them it is cannot be seen. */
  overdue(): void {
    this.abandon('deadline', OVERDUE)
  }

  inTurn<Result>(work: () => Result): Promise<Result> | undefined {
    return this.#owner.inTurn(work)
  }

  denied(power: string, detail: string): void {
    this.#reports.denied(power, detail)
  }

  broke(power: string, error: unknown): void {
    this.#reports.broke(power, error)
  }

  wake(): void {
    this.#owner.wake()
  }

  close(): void {
    this.#talk.end()
    this.#powers.close()
  }

  /** What had waited for the host has come to an end after all. */
  #late({ question }: Waiting, raw: unknown, place: number, effects: Effects): void {
    if (question !== null) return this.answered(question, 'ok', raw, place, effects)
    if (typeof raw !== 'string') return this.#owner.setUp(effects.get(place) ?? [])
    const { outcome, detail } = readFault(raw)
    this.#owner.setupFailed(outcome, detail)
  }

  /** What waits is answered without having come to an end. */
  #giveUp({ question }: Waiting, outcome: Outcome, detail: string): void {
    if (question !== null) this.ended(question, outcome, detail)
    else this.#owner.setupFailed(outcome, `setup: ${detail}`)
  }

  #answerFault(question: Question, fault: Fault): void {
    this.#reports.faulted(placeOf(question.hook), fault.outcome, fault.detail)
    this.#counters.answer(question, fault.outcome)
  }
}

/** What a fault is told under. */
function placeOf(hook: number): HookName | 'timer' {
  return hook === TIMER ? 'timer' : hookOf(hook)
}

const TOO_LONG = 'it waited too long for what it asked of the host'
const OVERDUE = 'the cell did not answer in time'
