import { FRAMES_UNDER_WAY, RESPAWN_BACKOFF_MS, SINGLE_MS } from '../limits.ts'
import type { Outcome } from '../outcome.ts'
import { ASKERS, type AskerName, HOOKS, type HookName, type TellerName } from '../sdk/hooks.ts'
import { SHORT_PUBLISH, shortFlags, TIMER } from '../wire/messages.ts'
import { AnswerDesk, type DeskOwner } from './answer-desk.ts'
import type { RawLoaded } from './answers.ts'
import { AskFrame, takeFrame } from './ask-frame.ts'
import type { CellProcess } from './cell-process.ts'
import type { TenantPorts } from './capabilities/powers.ts'
import { readEffects, release, SETUP_PLACE } from './effects.ts'
import type {
  Asker,
  HostObserver,
  Origin,
  PluginHandle,
  PreparedPlugin,
  Subject,
  TenantSpec,
} from './host-ports.ts'
import { LoadJob, type LoadSink } from './load-job.ts'
import { loadBody } from './load-settings.ts'
import type { PerSecond } from './per-second.ts'
import { PluginPowers } from './plugin-powers.ts'
import { PluginReports } from './plugin-reports.ts'
import type { Question } from './question.ts'
import { QuestionQueue } from './question-queue.ts'
import { Respawn } from './respawn.ts'
import { ResumeFrame } from './resume-frame.ts'
import { SubjectTable } from './subject-table.ts'
import type { KnownSubject } from './subjects.ts'
import { UnloadJob } from './unload-job.ts'

/** What a plugin needs of its tenant. */
export interface PluginHome {
  readonly spec: TenantSpec
  readonly observer: HostObserver
  readonly ports: TenantPorts
  /** Begins a piece of work when it is the tenant's turn; undefined: too much waits already. */
  inTurn<Result>(work: () => Result): Promise<Result> | undefined
  readonly lineBudget: PerSecond
  readonly startWaitMs: number
  /** It has something to send, or its clock must be looked at. */
  wake(): void
  /** Its isolate hit a limit and is gone: a fresh one is wanted. */
  reload(plugin: LivePlugin): void
  /** It does not activate; a new attempt is wanted after this time. */
  retry(plugin: LivePlugin, delayMs: number): void
  /** It is active, or failed, and somebody may wait for that. */
  pluginSettled(): void
}

const ALL_ASKERS: ReadonlySet<HookName> = new Set(ASKERS)
const HOOK_NUMBERS: ReadonlyMap<HookName, number> = new Map(HOOKS.map((hook, number) => [hook, number]))

/** One plugin of one tenant: its queue, its isolate's life, and the way of each answer back to who asked. */
export class LivePlugin implements PluginHandle, DeskOwner, LoadSink {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PreparedPlugin['capabilities']
  readonly #home: PluginHome
  readonly #plugin: PreparedPlugin
  readonly #instance: number
  readonly #queue: QuestionQueue
  readonly #subjects = new SubjectTable()
  readonly #reports: PluginReports
  readonly #powers: PluginPowers
  readonly #desk: AnswerDesk
  readonly #respawn = new Respawn()
  #state: PluginHandle['state'] = 'loading'
  /** Whether an isolate of the present generation is there; `active` plugins lose theirs for moments. */
  #serving = false
  #idleSince: number = performance.now()
  #generation = 0
  #singleUntil = 0

  constructor(home: PluginHome, plugin: PreparedPlugin, instance: number) {
    const { bundle } = plugin
    this.#home = home
    this.#plugin = plugin
    this.#instance = instance
    this.name = plugin.name
    this.version = bundle?.manifest.version ?? '0.0.0'
    // what did not build may have meant to guard anything: it stays declared for every question
    this.hooks = bundle === null ? ALL_ASKERS : new Set(bundle.manifest.hooks)
    this.capabilities = plugin.capabilities
    this.#queue = new QuestionQueue(home.spec.limits.questionsQueued)
    const { tenant } = home.spec
    this.#reports = new PluginReports(
      home.observer,
      tenant,
      plugin.name,
      bundle?.sourceMap ?? '',
      home.lineBudget,
    )
    this.#powers = new PluginPowers(home.spec, plugin, home.ports, (timer) => this.#timerDue(timer))
    this.#desk = new AnswerDesk(this, this.#powers, this.#reports, home.spec.limits)
    if (bundle === null) this.#state = 'failed'
  }

  get state(): PluginHandle['state'] {
    return this.#state
  }

  get congested(): boolean {
    return this.#queue.congested
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** While this is so, {@link expire} must be called now and then. */
  get isWaiting(): boolean {
    return (!this.#serving && this.#queue.length > 0) || this.#desk.isWaiting
  }

  ask(
    hook: AskerName,
    subject: Subject | null,
    event: string,
    asker: Asker,
    slot: number,
    origin: Origin = NOWHERE,
  ): void {
    this.#ask(HOOK_NUMBERS.get(hook) as number, subject, event, asker, slot, origin)
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
    if (!this.#queue.ask(this.#question(hook, subject, event, asker, slot, origin)))
      return asker.answered(slot, 'overload', null)
    this.#home.wake()
  }

  tell(hook: TellerName, subject: Subject | null, event: string, origin: Origin = NOWHERE): void {
    this.#tell(HOOK_NUMBERS.get(hook) as number, subject, event, origin)
  }

  #tell(hook: number, subject: Subject | null, event: string, origin: Origin): void {
    if (this.#state === 'stopped' || this.#state === 'failed') return
    this.#queue.tell(this.#question(hook, subject, event, null, 0, origin))
    this.#home.wake()
  }

  /** What a timer runs is told like an event, but must not get lost: it has its place among questions. */
  #timerDue(timer: number): boolean {
    const taken = this.#queue.ask(this.#question(TIMER, null, String(timer), null, this.#generation, NOWHERE))
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
    if (bundle === null || this.#state === 'stopped') return
    const { tenant, limits } = this.#home.spec
    this.#generation += 1
    // the next isolate counts its timers anew: those of the last must not ring in it
    this.#queue.drop(TIMER)
    this.#subjects.clear()
    this.#desk.begin()
    if (this.#state === 'failed') this.#become('loading', '')
    // the making of the isolate, the crossing that evaluates, the one that collects promises
    const allowanceMs = 2 * limits.activateMs + limits.wallMs
    const job = new LoadJob(this, 'load', this.#instance, this.#generation, allowanceMs)
    cell.submit(job, loadBody(tenant, this.#plugin, bundle.manifest, bundle.code, limits))
  }

  /** Submits its next frame. @returns false when there is nothing to ask, or nobody. */
  submitFrame(cell: CellProcess, now: number): boolean {
    const { wallMs } = this.#home.spec.limits
    const resumed = this.#desk.takeResume()
    if (resumed !== undefined) {
      const { count, body } = resumed
      cell.submit(new ResumeFrame(this.#desk, this.#instance, this.#generation, wallMs, count), body)
      return true
    }
    const { room } = this.#desk
    const atMost = now < this.#singleUntil ? Math.min(1, room) : room
    if (!this.#serving || this.#queue.length === 0 || atMost <= 0) return false
    const { questions, body } = takeFrame(this.#queue, this.#subjects, atMost)
    cell.submit(new AskFrame(this.#desk, this.#instance, this.#generation, wallMs, questions), body)
    this.#reportDropped()
    return true
  }

  /** Answers what has waited too long, for an isolate or for what it asked of the host. */
  expire(now: number): void {
    this.#desk.expire(now)
    for (let next = this.#queue.peek(); next !== undefined && !this.#serving; next = this.#queue.peek()) {
      if (now - Math.max(next.since, this.#idleSince) < this.#home.startWaitMs) return
      this.#queue.shift()
      this.#desk.ended(next, 'loading', 'it did not become active in time')
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
    for (let next = this.#queue.shiftAsked(); next !== undefined; next = this.#queue.shiftAsked()) {
      next.asker?.answered(next.slot, 'stopped', null)
    }
    this.#desk.abandon('stopped', '')
    if (cell !== undefined && this.#serving) {
      const now = performance.now()
      for (let frame = 0; frame < FRAMES_UNDER_WAY && this.submitFrame(cell, now); frame += 1);
      cell.submit(new UnloadJob(this.#desk, this.#instance, this.#generation), '')
    }
    this.#idle()
  }

  /** Its cell has ended: nothing will come any more. */
  close(): void {
    this.#desk.close()
  }

  loaded({ waits, failure, side }: RawLoaded): boolean {
    if (waits !== undefined && (failure !== undefined || !this.#desk.setupWaits(waits))) return false
    const effects = readEffects(side.effects)
    if (effects === undefined || !this.#desk.heard(side, effects, 1)) return false
    if (this.#state === 'stopped') return true
    if (failure !== undefined) this.#failed('threw', failure)
    else if (waits === undefined) this.setUp(effects.get(SETUP_PLACE) ?? [])
    else this.#home.wake()
    return true
  }

  setUp(effects: Parameters<typeof release>[0]): void {
    if (this.#state === 'stopped') return
    this.#serving = true
    if (this.#state !== 'active') this.#become('active', '')
    this.#home.pluginSettled()
    this.#home.wake()
    release(effects, this.#desk, 0)
  }

  setupFailed(outcome: Outcome, detail: string): void {
    if (this.#state !== 'stopped') this.#failed(outcome, detail)
  }

  loadFailed(outcome: Outcome, detail: string): void {
    if (this.#state !== 'stopped') this.#failed(outcome, detail)
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
    if (this.#state === 'stopped') return this.#desk.ended(question, 'stopped', '')
    const isOfTheDead = question.hook === TIMER && question.slot !== this.#generation
    if (!isOfTheDead) this.#queue.giveBack(question)
  }

  #question(
    hook: number,
    subject: Subject | null,
    event: string,
    asker: Asker | null,
    slot: number,
    origin: Origin,
  ): Question {
    const since = this.#serving ? 0 : performance.now()
    const source = subject?.source ?? origin.source ?? ''
    // every subject is made by this host: the port's type alone is wider
    const known = subject as KnownSubject | null
    return { hook, subject: known, event, asker, slot, source, hops: origin.hops ?? 0, since, returned: 0 }
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
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.asker?.answered(next.slot, 'loading', null)
    }
    this.#desk.isolateGone(outcome, detail)
    this.#home.pluginSettled()
  }

  #idle(): void {
    if (this.#serving) this.#idleSince = performance.now()
    this.#serving = false
  }

  #reportDropped(): void {
    if (this.#queue.dropped === 0) return
    this.#home.observer.tellersDropped(this.#home.spec.tenant, this.name, this.#queue.dropped)
    this.#queue.dropped = 0
  }

  #become(state: PluginHandle['state'], detail: string): void {
    this.#state = state
    this.#home.observer.pluginState(this.#home.spec.tenant, this.name, state, detail)
  }
}

const NOWHERE: Origin = {}
