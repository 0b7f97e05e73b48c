import type {
  Asker,
  AskerName,
  CheckedVerdict,
  Origin,
  Outcome,
  PluginHandle,
  Subject,
  TellerName,
} from '../../sandbox/index.ts'
import { SHADOW } from '../base/limits.ts'
import type { ShadowAnswer, ShadowReport } from './shadow-report.ts'

/**
 * A plugin that serves, and in whose shadow another version of it is tried: each question goes to both, and
 * what the other one says is compared and nothing else. It is a trial: what the other one would publish or
 * count does not happen. It is told of nothing, since what it does then would happen.
 */
export class ShadowedPlugin implements PluginHandle {
  readonly #serves: PluginHandle
  readonly #tried: PluginHandle
  readonly #report: ShadowReport
  #waiting = 0

  constructor(serves: PluginHandle, tried: PluginHandle, report: ShadowReport) {
    this.#serves = serves
    this.#tried = tried
    this.#report = report
  }

  get name(): string {
    return this.#serves.name
  }

  get version(): string {
    return this.#serves.version
  }

  get hooks(): PluginHandle['hooks'] {
    return this.#serves.hooks
  }

  get capabilities(): PluginHandle['capabilities'] {
    return this.#serves.capabilities
  }

  get counts(): PluginHandle['counts'] {
    return this.#serves.counts
  }

  get state(): PluginHandle['state'] {
    return this.#serves.state
  }

  get isWaiting(): boolean {
    return this.#serves.isWaiting
  }

  get isIdle(): boolean {
    return this.#serves.isIdle
  }

  ask(
    hook: AskerName,
    subject: Subject | null,
    event: string,
    asker: Asker,
    slot: number,
    origin?: Origin,
  ): void {
    const comparison = this.#compare(hook, event, asker)
    if (comparison === null) return this.#serves.ask(hook, subject, event, asker, slot, origin)
    // first the copy: the one that serves may answer within the call
    this.#tried.ask(hook, subject, event, comparison.tried, 0, origin)
    this.#serves.ask(hook, subject, event, comparison.serves, slot, origin)
  }

  askPublish(
    subject: Subject,
    topic: string,
    qos: 0 | 1 | 2,
    retain: boolean,
    asker: Asker,
    slot: number,
  ): void {
    const comparison = this.#compare('authorizePublish', topic, asker)
    if (comparison === null) return this.#serves.askPublish(subject, topic, qos, retain, asker, slot)
    this.#tried.askPublish(subject, topic, qos, retain, comparison.tried, 0)
    this.#serves.askPublish(subject, topic, qos, retain, comparison.serves, slot)
  }

  tell(hook: TellerName, subject: Subject | null, event: string, origin?: Origin): void {
    this.#serves.tell(hook, subject, event, origin)
  }

  leaveUntold(count: number): void {
    this.#serves.leaveUntold(count)
  }

  /** Null: the other one is not asked. */
  #compare(hook: AskerName, event: string, asker: Asker): Comparison | null {
    if (asker.isTrial === true || !this.#tried.hooks.has(hook)) return null
    if (this.#waiting >= SHADOW.waiting) {
      this.#report.skip()
      return null
    }
    this.#waiting += 1
    return new Comparison(asker, (serves, tried) => {
      this.#waiting -= 1
      this.#report.compare(hook, topicOf(event), serves, tried)
    })
  }
}

/** One question, until both have answered it. */
class Comparison {
  /** Passes on to whoever asked. */
  readonly serves: Asker
  readonly tried: Asker
  readonly #askedAt = performance.now()
  readonly #done: (serves: ShadowAnswer, tried: ShadowAnswer) => void
  #served: ShadowAnswer | null = null
  #tested: ShadowAnswer | null = null

  constructor(asker: Asker, done: (serves: ShadowAnswer, tried: ShadowAnswer) => void) {
    this.#done = done
    this.serves = {
      answered: (slot, outcome, verdict) => {
        this.#served = this.#answer(outcome, verdict)
        asker.answered(slot, outcome, verdict)
        this.#settle()
      },
    }
    this.tried = {
      isTrial: true,
      answered: (_slot, outcome, verdict) => {
        this.#tested = this.#answer(outcome, verdict)
        this.#settle()
      },
    }
  }

  #answer(outcome: Outcome, verdict: CheckedVerdict | null): ShadowAnswer {
    return { outcome, verdict, ms: performance.now() - this.#askedAt }
  }

  #settle(): void {
    if (this.#served !== null && this.#tested !== null) this.#done(this.#served, this.#tested)
  }
}

/** @param event JSON text: of an object that may have a topic, or of the topic itself. */
function topicOf(event: string): string {
  return event.startsWith('"')
    ? event.slice(1, -1)
    : (/"(?:topic|filter)":"((?:[^"\\]|\\.)*)"/.exec(event)?.[1] ?? '')
}
