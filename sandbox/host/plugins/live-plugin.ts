import { FRAMES_UNDER_WAY, HEAP_FULL_SHARE, RESPAWN_BACKOFF_MS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import type { AskerName, HookName, TellerName } from '../../sdk/hooks.ts'
import { SHORT_PUBLISH, shortFlags, TIMER } from '../../wire/messages.ts'
import type { CellProcess } from '../cells/cell-process.ts'
import { judgeAtOnce } from '../cells/job.ts'
import type { Asker, Origin, PluginHandle, PreparedPlugin, Subject } from '../host-ports.ts'
import { AnswerDesk, type DeskOwner } from '../questions/answer-desk.ts'
import type { RawLoaded } from '../questions/answers.ts'
import { readEffects, release, SETUP_PLACE } from '../questions/effects.ts'
import { Inbox } from '../questions/inbox.ts'
import { newQuestion, numberOf, type Question } from '../questions/question.ts'
import { Respawn } from '../respawn.ts'
import { hooksOf } from './hooks-of.ts'
import type { LoadSink } from './load-job.ts'
import { PluginConduct } from './plugin-conduct.ts'
import { PluginCounters } from './plugin-counters.ts'
import { PluginFrames } from './plugin-frames.ts'
import type { Patience, PluginHome } from './plugin-home.ts'
import { PluginPowers } from './plugin-powers.ts'
import { PluginReports } from './plugin-reports.ts'
import { Tenure } from './tenure.ts'

/** One plugin of one tenant: its queue, its isolate's life, and the way of each answer back to who asked. */
export class LivePlugin implements PluginHandle, DeskOwner, LoadSink {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PreparedPlugin['capabilities']
  readonly counts: PluginCounters = new PluginCounters()
  readonly #home: PluginHome<LivePlugin>
  readonly #plugin: PreparedPlugin
  readonly #reports: PluginReports
  readonly #powers: PluginPowers
  readonly #desk: AnswerDesk
  readonly #inbox: Inbox
  readonly #frames: PluginFrames
  readonly #respawn = new Respawn()
  readonly #conduct: PluginConduct
  readonly #tenure: Tenure
  #state: PluginHandle['state'] = 'asleep'

  constructor(home: PluginHome<LivePlugin>, plugin: PreparedPlugin, instance: number) {
    const { bundle } = plugin
    this.#home = home
    this.#plugin = plugin
    this.name = plugin.name
    this.version = bundle?.manifest.version ?? '0.0.0'
    this.hooks = hooksOf(plugin)
    this.capabilities = plugin.capabilities
    const { tenant } = home.spec
    const digest = bundle?.sha256 ?? ''
    this.#conduct = new PluginConduct({ tenant, plugin: plugin.name, digest }, home.audit)
    const map = bundle?.sourceMap ?? ''
    this.#reports = new PluginReports(home.observer, tenant, plugin.name, map, home.lineBudget, this.#conduct)
    this.#powers = new PluginPowers(home.spec, plugin, home.ports, (timer) => this.#timerDue(timer))
    const { counts } = this
    const { limits } = home.spec
    this.#desk = new AnswerDesk(this, this.#powers, this.#reports, limits, plugin.waitMs, counts)
    this.#tenure = new Tenure(home.renewalMs)
    this.#inbox = new Inbox(limits.questionsQueued, this.#conduct, this.#desk, counts)
    const { queue } = this.#inbox
    this.#frames = new PluginFrames(home.spec, plugin, instance, this.#tenure, this.#desk, queue)
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
    const { isServing, isLeaving } = this.#tenure
    return (!isServing && !this.#inbox.isEmpty) || isLeaving || this.#desk.isWaiting
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
    this.#ask(newQuestion(numberOf(hook), subject, event, asker, slot, origin, this.#waitingSince))
  }

  askPublish(
    subject: Subject,
    topic: string,
    qos: 0 | 1 | 2,
    retain: boolean,
    asker: Asker,
    slot: number,
  ): void {
    const hook = SHORT_PUBLISH + shortFlags(qos, retain)
    this.#ask(newQuestion(hook, subject, topic, asker, slot, NOWHERE, this.#waitingSince))
  }

  #ask(question: Question): void {
    if (this.#state === 'stopped') return this.counts.answer(question, 'stopped')
    if (this.#state === 'failed') return this.counts.answer(question, 'loading')
    if (this.#state === 'quarantined') return this.counts.answer(question, 'quarantined')
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
    if (this.#tenure.isServing) this.#frames.unload(cell, () => undefined)
    this.#tenure.end()
  }

  /** What a timer runs is told like an event, but must not get lost: it has its place among questions. */
  #timerDue(timer: number): boolean {
    if (this.#isOut) return true
    const { generation } = this.#tenure
    const due = newQuestion(TIMER, null, String(timer), null, generation, NOWHERE, this.#waitingSince)
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
    if (this.#isOut || !this.#frames.load(cell, this)) return
    if (this.#state === 'failed' || this.#state === 'asleep') this.#become('loading', '')
  }

  /** Submits its next frame: while its tenant is held, of what has begun. @returns false: there is none. */
  submitFrame(cell: CellProcess, now: number): boolean {
    if (this.#frames.resume(cell)) return true
    if (this.#home.isHeld && this.#state !== 'stopped') return false
    if (this.#tenure.isLeaving && this.#state !== 'stopped') return this.#renew(cell, now)
    if (!this.#frames.ask(cell, now)) return false
    this.#reportDropped()
    return true
  }

  /** Answers what has waited too long: for an isolate, a share of the processor that is used up, the host. */
  expire(now: number, start: Patience, share: Patience | undefined): void {
    this.#desk.expire(now)
    const { isServing, isLeaving, idleSince } = this.#tenure
    // what it is owed may keep it for a time, and then no longer
    if (isLeaving) this.#home.wake()
    const patience = isServing ? share : start
    if (patience !== undefined) {
      const waitsSince = Math.max(patience.since, idleSince)
      const latest = now - patience.ms
      this.#inbox.expire(({ since }) => Math.max(since, waitsSince) <= latest, patience.outcome)
    }
    this.#reportDropped()
  }

  /** Its cell is gone. Its frames were answered already. */
  cellEnded(): void {
    this.#tenure.end()
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
    if (cell === undefined) return this.#tenure.end()
    const now = performance.now()
    for (let frame = 0; frame < FRAMES_UNDER_WAY && this.submitFrame(cell, now); frame += 1);
    this.unload(cell)
  }

  /** Answers nothing any more, for a while: its isolate goes, and comes back on probation. */
  quarantine(reason: string): void {
    if (this.#isOut) return
    const ms = this.#conduct.quarantined(reason)
    this.counts.quarantines += 1
    this.#home.drop(this)
    this.#tenure.end()
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
    if (effects === undefined || !judgeAtOnce(this.#desk.heard(side, effects, 1))) return false
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
    this.#tenure.serve()
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
    if (source === undefined) return
    this.counts.strikes += 1
    const reason = this.#conduct.struck(source, outcome)
    if (reason !== undefined) this.quarantine(reason)
  }

  /** Which question of the batch was the culprit shows when the next ones come alone. */
  suspected(): void {
    this.#tenure.suspect()
  }

  full(): void {
    if (!this.#isOut) this.#tenure.leave(performance.now(), this.#home.spec.limits.waitMs.authenticate)
  }

  condemned(outcome: Outcome, detail: string): void {
    this.#tenure.end()
    this.#desk.isolateGone(outcome, detail)
    this.suspected()
    // a setup that had waited has failed with it: that is tried again in its own time
    if (this.#state === 'active') this.#home.reload(this)
  }

  giveBack(question: Question): void {
    // stopped is what it is told of a plugin that is stopped
    if (this.#isOut) return this.#desk.ended(question, 'quarantined', '')
    const isOfTheDead = question.hook === TIMER && question.slot !== this.#tenure.generation
    if (!isOfTheDead) this.#inbox.queue.giveBack(question)
  }

  /** When a question that comes now begins to wait; 0: it will be asked at once. */
  get #waitingSince(): number {
    return this.#tenure.isServing && !this.#home.isHeld ? 0 : performance.now()
  }

  /** Makes its isolate anew, once that is owed nothing any more. @returns whether it goes now. */
  #renew(cell: CellProcess, now: number): boolean {
    if (!this.#tenure.mayGo(now, this.#desk.isWaiting || this.#desk.isCalled)) return false
    const detail = `its heap stays above ${HEAP_FULL_SHARE} of heapMiB: ${this.#home.spec.limits.heapMiB}`
    // the next one's calls count anew: they must not meet those of its last words
    this.#frames.unload(cell, () => {
      this.#desk.isolateGone('unsettled', detail)
      this.#home.reload(this)
    })
    this.#tenure.end()
    this.#conduct.renewed(detail)
    this.#become('loading', `made anew: ${detail}`)
    return true
  }

  /** It was quarantined while it was loaded: this isolate is not wanted any more. */
  #discard(): void {
    this.#tenure.serve()
    this.#home.drop(this)
    this.#desk.isolateGone('quarantined', 'it was quarantined meanwhile')
  }

  #failed(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
    const delayMs = Math.max(this.#respawn.failed(performance.now()), RESPAWN_BACKOFF_MS.first)
    this.#home.retry(this, delayMs)
  }

  #fail(outcome: Outcome, detail: string): void {
    this.#tenure.end()
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

  #reportDropped(): void {
    const dropped = this.#inbox.takeDropped()
    this.counts.tellersDropped += dropped
    if (dropped > 0) this.#home.observer.tellersDropped(this.#home.spec.tenant, this.name, dropped)
  }

  #become(state: PluginHandle['state'], detail: string): void {
    this.#state = state
    this.#home.observer.pluginState(this.#home.spec.tenant, this.name, state, detail)
  }
}

const NOWHERE: Origin = {}
