import { FRAMES_UNDER_WAY, RESPAWN_BACKOFF_MS, SINGLE_MS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import { ASKERS, type AskerName, type HookName, type TellerName } from '../../sdk/hooks.ts'
import { SHORT_PUBLISH, shortFlags, TIMER } from '../../wire/messages.ts'
import type { CellProcess } from '../cells/cell-process.ts'
import type { Asker, Origin, PluginHandle, PreparedPlugin, Subject } from '../host-ports.ts'
import { AnswerDesk, type DeskOwner } from '../questions/answer-desk.ts'
import type { RawLoaded } from '../questions/answers.ts'
import { AskFrame, takeFrame } from '../questions/ask-frame.ts'
import { readEffects, release, SETUP_PLACE } from '../questions/effects.ts'
import { Inbox } from '../questions/inbox.ts'
import { newQuestion, numberOf, type Question } from '../questions/question.ts'
import { ResumeFrame } from '../questions/resume-frame.ts'
import { SubjectTable } from '../questions/subject-table.ts'
import { Respawn } from '../respawn.ts'
import { LoadJob, type LoadSink } from './load-job.ts'
import { loadBody } from './load-settings.ts'
import { PluginConduct } from './plugin-conduct.ts'
import type { Patience, PluginHome } from './plugin-home.ts'
import { PluginPowers } from './plugin-powers.ts'
import { PluginReports } from './plugin-reports.ts'
import { UnloadJob } from './unload-job.ts'

/** One plugin of one tenant: its queue, its isolate's life, and the way of each answer back to who asked. */
export class LivePlugin implements PluginHandle, DeskOwner, LoadSink {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PreparedPlugin['capabilities']
  readonly #home: PluginHome<LivePlugin>
  readonly #plugin: PreparedPlugin
  readonly #instance: number
  readonly #subjects = new SubjectTable()
  readonly #reports: PluginReports
  readonly #powers: PluginPowers
  readonly #desk: AnswerDesk
  readonly #inbox: Inbox
  readonly #respawn = new Respawn()
  readonly #conduct: PluginConduct
  #state: PluginHandle['state'] = 'asleep'
  /** Whether an isolate of the present generation is there; `active` plugins lose theirs for moments. */
  #serving = false
  #idleSince: number = performance.now()
  #generation = 0
  #singleUntil = 0

  constructor(home: PluginHome<LivePlugin>, plugin: PreparedPlugin, instance: number) {
    const { bundle } = plugin
    this.#home = home
    this.#plugin = plugin
    this.#instance = instance
    this.name = plugin.name
    this.version = bundle?.manifest.version ?? '0.0.0'
    // what did not build may have meant to guard anything: it stays declared for every question
    this.hooks = new Set(bundle === null ? ASKERS : bundle.manifest.hooks)
    this.capabilities = plugin.capabilities
    const { tenant } = home.spec
    const digest = bundle?.sha256 ?? ''
    this.#conduct = new PluginConduct({ tenant, plugin: plugin.name, digest }, home.audit)
    const map = bundle?.sourceMap ?? ''
    this.#reports = new PluginReports(home.observer, tenant, plugin.name, map, home.lineBudget, this.#conduct)
    this.#powers = new PluginPowers(home.spec, plugin, home.ports, (timer) => this.#timerDue(timer))
    this.#desk = new AnswerDesk(this, this.#powers, this.#reports, home.spec.limits, plugin.waitMs)
    this.#inbox = new Inbox(home.spec.limits.questionsQueued, this.#conduct, this.#desk)
    if (bundle === null) this.#state = 'failed'
  }

  get state(): PluginHandle['state'] {
    return this.#state
  }

  get congested(): boolean {
    return this.#inbox.queue.congested
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** While this is so, {@link expire} must be called now and then. */
  get isWaiting(): boolean {
    return (!this.#serving && !this.#inbox.isEmpty) || this.#desk.isWaiting
  }

  /** Nothing is asked, told or waited for. */
  get isIdle(): boolean {
    return this.#inbox.isEmpty && !this.isAtWork
  }

  /** Something that was begun waits for the host. */
  get isAtWork(): boolean {
    return this.#desk.isWaiting
  }

  /** Timers run in it. */
  get keepsCell(): boolean {
    return this.#powers.keepAwake
  }

  ask(
    hook: AskerName,
    subject: Subject | null,
    event: string,
    asker: Asker,
    slot: number,
    origin: Origin = NOWHERE,
  ): void {
    this.#ask(numberOf(hook), subject, event, asker, slot, origin)
  }

  askPublish(
    subject: Subject,
    topic: string,
    qos: 0 | 1 | 2,
    retain: boolean,
    asker: Asker,
    slot: number,
  ): void {
    this.#ask(SHORT_PUBLISH + shortFlags(qos, retain), subject, topic, asker, slot, NOWHERE)
  }

  #ask(
    hook: number,
    subject: Subject | null,
    event: string,
    asker: Asker,
    slot: number,
    origin: Origin,
  ): void {
    if (this.#state === 'stopped') return asker.answered(slot, 'stopped', null)
    if (this.#state === 'failed') return asker.answered(slot, 'loading', null)
    if (this.#state === 'quarantined') return asker.answered(slot, 'quarantined', null)
    const question = newQuestion(hook, subject, event, asker, slot, origin, this.#waitingSince)
    if (this.#inbox.ask(question)) this.#home.wake()
  }

  tell(hook: TellerName, subject: Subject | null, event: string, origin: Origin = NOWHERE): void {
    if (this.#isOut || this.#state === 'failed') return
    const told = newQuestion(numberOf(hook), subject, event, null, 0, origin, this.#waitingSince)
    if (this.#inbox.tell(told)) this.#home.wake()
  }

  leaveUntold(count: number): void {
    this.#inbox.queue.dropped += count
  }

  /** Its cell is about to be there. */
  awaken(): void {
    if (this.#state === 'asleep') this.#become('loading', '')
  }

  /** Its cell has nothing to do, and ends. */
  rest(cell: CellProcess): void {
    this.unload(cell)
    this.#fallAsleep('')
  }

  /** No cell can be had: what waits is answered. */
  refuse(detail: string): void {
    this.#inbox.empty('overload', detail)
    this.#fallAsleep(detail)
  }

  /** Drops its isolate, after `onClose`. */
  unload(cell: CellProcess): void {
    if (this.#serving) cell.submit(new UnloadJob(this.#desk, this.#instance, this.#generation), '')
    this.#idle()
  }

  /** What a timer runs is told like an event, but must not get lost: it has its place among questions. */
  #timerDue(timer: number): boolean {
    if (this.#isOut) return true
    const due = newQuestion(TIMER, null, String(timer), null, this.#generation, NOWHERE, this.#waitingSince)
    const taken = this.#inbox.queue.ask(due)
    if (taken) this.#home.wake()
    return taken
  }

  inTurn<Result>(work: () => Result): Promise<Result> | undefined {
    return this.#home.inTurn(work)
  }

  wake(): void {
    this.#home.wake()
  }

  /** Starts an isolate for it in this cell. */
  load(cell: CellProcess): void {
    const { bundle } = this.#plugin
    if (bundle === null || this.#isOut) return
    const { tenant, limits } = this.#home.spec
    this.#generation += 1
    // the next isolate counts its timers anew: those of the last must not ring in it
    this.#inbox.queue.drop(TIMER)
    this.#subjects.clear()
    this.#desk.begin()
    if (this.#state === 'failed' || this.#state === 'asleep') this.#become('loading', '')
    // the making of the isolate, the crossing that evaluates, the one that collects promises
    const allowanceMs = 2 * limits.activateMs + limits.wallMs
    const job = new LoadJob(this, 'load', this.#instance, this.#generation, allowanceMs)
    cell.submit(job, loadBody(tenant, this.#plugin, bundle.manifest, bundle.code, limits))
  }

  /** Submits its next frame: while its tenant is held, of what has begun. @returns false: there is none. */
  submitFrame(cell: CellProcess, now: number): boolean {
    const { wallMs } = this.#home.spec.limits
    const resumed = this.#desk.takeResume()
    if (resumed !== undefined) {
      const { count, body } = resumed
      cell.submit(new ResumeFrame(this.#desk, this.#instance, this.#generation, wallMs, count), body)
      return true
    }
    if (this.#home.isHeld && this.#state !== 'stopped') return false
    const atMost = Math.min(this.#desk.room, now < this.#singleUntil ? 1 : Number.POSITIVE_INFINITY)
    if (!this.#serving || this.#inbox.isEmpty || atMost <= 0) return false
    const { questions, body } = takeFrame(this.#inbox.queue, this.#subjects, atMost)
    cell.submit(new AskFrame(this.#desk, this.#instance, this.#generation, wallMs, questions), body)
    this.#reportDropped()
    return true
  }

  /** Answers what has waited too long: for an isolate, a share of the processor that is used up, the host. */
  expire(now: number, start: Patience, share: Patience | undefined): void {
    this.#desk.expire(now)
    const patience = this.#serving ? share : start
    if (patience !== undefined) {
      const waitsSince = Math.max(patience.since, this.#serving ? 0 : this.#idleSince)
      const latest = now - patience.ms
      this.#inbox.expire(({ since }) => Math.max(since, waitsSince) <= latest, patience.outcome)
    }
    this.#reportDropped()
  }

  /** Its cell is gone. Its frames were answered already. */
  cellEnded(): void {
    this.#idle()
    this.#desk.isolateGone('crash', 'the cell ended')
    if (this.#state === 'active') this.#become('loading', 'its cell ended')
  }

  /** No cell could be started for it; its tenant tries again. */
  cellFailed(detail: string): void {
    if (this.#state === 'loading') this.#fail('crash', detail)
  }

  /**
   * Answers all that waits with `stopped`, and all that will come. Best effort in its cell, if it has one:
   * what was told still arrives, as far as it fits, and `onClose` is the last.
   */
  stop(cell: CellProcess | undefined): void {
    if (this.#state === 'stopped') return
    // first of all: who is answered may ask again
    this.#become('stopped', '')
    this.#inbox.stop()
    this.#desk.abandon('stopped', '')
    if (cell === undefined) return this.#idle()
    const now = performance.now()
    for (let frame = 0; frame < FRAMES_UNDER_WAY && this.submitFrame(cell, now); frame += 1);
    this.unload(cell)
  }

  /** Answers nothing any more, for a while: its isolate goes, and comes back on probation. */
  quarantine(reason: string): void {
    if (this.#isOut) return
    const ms = this.#conduct.quarantined(reason)
    this.#home.drop(this)
    this.#idle()
    this.#become('quarantined', `for ${Math.ceil(ms / 1000)} s: ${reason}`)
    this.#inbox.empty('quarantined', reason)
    this.#desk.isolateGone('quarantined', reason)
    this.#home.retry(this, ms)
    this.#home.pluginSettled()
  }

  /** The time of its quarantine is over. */
  readmit(): void {
    if (this.#state !== 'quarantined') return
    this.#conduct.released()
    this.#become('asleep', 'released from quarantine')
  }

  /** Nothing will come any more. */
  close(): void {
    this.#desk.close()
  }

  loaded({ waits, failure, side }: RawLoaded): boolean {
    if (waits !== undefined && (failure !== undefined || !this.#desk.setupWaits(waits))) return false
    const effects = readEffects(side.effects)
    if (effects === undefined || !this.#desk.heard(side, effects, 1)) return false
    if (this.#state === 'quarantined') this.#discard()
    if (this.#isOut) return true
    if (failure !== undefined) this.#failed('threw', failure)
    else if (waits === undefined) this.setUp(effects.get(SETUP_PLACE) ?? [])
    else this.#home.wake()
    return true
  }

  setUp(effects: Parameters<typeof release>[0]): void {
    if (this.#state === 'stopped') return
    if (this.#state === 'quarantined') return this.#discard()
    this.#serving = true
    if (this.#state !== 'active') this.#become('active', '')
    this.#home.pluginSettled()
    this.#home.wake()
    release(effects, this.#desk, 0)
  }

  setupFailed(outcome: Outcome, detail: string): void {
    if (!this.#isOut) this.#failed(outcome, detail)
  }

  loadFailed(outcome: Outcome, detail: string): void {
    if (this.#isOut) return
    this.#failed(outcome, detail)
    // a whole frame throws or does not settle only where a plugin meddles: it costs a load, no strike
    if (outcome !== 'threw' && outcome !== 'unsettled') this.struck('', outcome)
  }

  struck(source: string | undefined, outcome: Outcome): void {
    const reason = source === undefined ? undefined : this.#conduct.struck(source, outcome)
    if (reason !== undefined) this.quarantine(reason)
  }

  /** Which question of the batch was the culprit shows when the next ones come alone. */
  suspected(): void {
    this.#singleUntil = performance.now() + SINGLE_MS
  }

  condemned(outcome: Outcome, detail: string): void {
    this.#idle()
    this.#desk.isolateGone(outcome, detail)
    this.suspected()
    // a setup that had waited has failed with it: that is tried again in its own time
    if (this.#state === 'active') this.#home.reload(this)
  }

  giveBack(question: Question): void {
    // stopped is what it is told of a plugin that is stopped
    if (this.#isOut) return this.#desk.ended(question, 'quarantined', '')
    const isOfTheDead = question.hook === TIMER && question.slot !== this.#generation
    if (!isOfTheDead) this.#inbox.queue.giveBack(question)
  }

  /** When a question that comes now begins to wait; 0: it will be asked at once. */
  get #waitingSince(): number {
    return this.#serving && !this.#home.isHeld ? 0 : performance.now()
  }

  /** It was quarantined while it was loaded: this isolate is not wanted any more. */
  #discard(): void {
    this.#serving = true
    this.#home.drop(this)
    this.#desk.isolateGone('quarantined', 'it was quarantined meanwhile')
  }

  #failed(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
    const delayMs = Math.max(this.#respawn.failed(performance.now()), RESPAWN_BACKOFF_MS.first)
    this.#home.retry(this, delayMs)
  }

  #fail(outcome: Outcome, detail: string): void {
    this.#idle()
    this.#reports.faulted('load', outcome, detail)
    this.#become('failed', this.#reports.mapped(`${outcome}: ${detail}`))
    this.#inbox.empty('loading', '')
    this.#desk.isolateGone(outcome, detail)
    this.#home.pluginSettled()
  }

  /** Nothing is to be loaded, and nothing is asked. */
  get #isOut(): boolean {
    return this.#state === 'stopped' || this.#state === 'quarantined'
  }

  #fallAsleep(detail: string): void {
    if (this.#isOut || this.#state === 'asleep' || this.#plugin.bundle === null) return
    this.#become('asleep', detail)
  }

  #idle(): void {
    if (this.#serving) this.#idleSince = performance.now()
    this.#serving = false
  }

  #reportDropped(): void {
    const dropped = this.#inbox.takeDropped()
    if (dropped > 0) this.#home.observer.tellersDropped(this.#home.spec.tenant, this.name, dropped)
  }

  #become(state: PluginHandle['state'], detail: string): void {
    this.#state = state
    this.#home.observer.pluginState(this.#home.spec.tenant, this.name, state, detail)
  }
}

const NOWHERE: Origin = {}
