import type { Asker, AskerName, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import { type FailurePolicy, fallbackVerdict, NOBODY_ALLOWED } from './failure-policy.ts'
import { mergeVerdicts, NO_OPINION } from './merge-verdicts.ts'
import type { Advance } from './standing.ts'
import type { Speaker } from './verdict-cache.ts'
import type { Verdict } from './verdict.ts'
import type { Source, Voice } from './voice.ts'

/** Whom to ask: one plugin's hook, and what to answer in its place when it fails. */
export interface AskedPlugin {
  readonly plugin: Speaker & { readonly version: string }
  readonly hook: AskerName
  readonly onFault: FailurePolicy
}

/**
 * A question to the plugins of a tenant that has one answer. What waits for it (a parked packet) extends it:
 * the question is its only allocation, and {@link decided} is called once, when all asked plugins have
 * answered.
 */
export abstract class Question implements Asker {
  #asked: readonly AskedPlugin[] = []
  #waiting = 0
  #merged: Verdict = NO_OPINION
  #askedAt = 0
  #voices: Voice[] | null = null

  /** Asked to be explained: what is said leaves no trace, not even in memory. */
  get isTrial(): boolean {
    return false
  }

  /** Called before the first question leaves. */
  expect(asked: readonly AskedPlugin[]): void {
    this.#asked = asked
    this.#waiting = asked.length
    this.#merged = NO_OPINION
    this.#voices = null
    this.#askedAt = performance.now()
  }

  /** One of the asked has answered in advance. */
  foreseen(slot: number, { verdict, source }: Advance): void {
    this.#take(slot, source, 'ok', verdict)
  }

  /** When it was asked, on the monotonic clock in ms. */
  protected get askedAt(): number {
    return this.#askedAt
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const asked = this.#asked[slot] as AskedPlugin
    const said = this.read(asked, outcome, verdict)
    if (outcome === 'ok' && isReusable(said) && !this.isTrial) this.remember(asked, said, this.#askedAt)
    this.#take(slot, 'crossing', outcome, said)
  }

  /** Who said what, in the declared order, as far as it matters: a lone allow is not kept. */
  get voices(): readonly Voice[] {
    // who answers late leaves a hole until then
    return this.#voices?.filter((voice) => voice !== undefined) ?? []
  }

  /** What an answer says; a question that knows more answers than the plain ones reads them itself. */
  protected read(asked: AskedPlugin, outcome: Outcome, verdict: CheckedVerdict | null): Verdict {
    return verdictOf(asked, outcome, verdict)
  }

  /** All have answered. @param merged an abstention, where nobody had an opinion. */
  protected concluded(merged: Verdict): void {
    this.decided(merged.verdict === 'abstain' ? NOBODY_ALLOWED : merged)
  }

  /** @param verdict allow, deny or disconnect: an abstention of all has become a refusal. */
  protected abstract decided(verdict: Verdict): void

  /** Whether a lone allow is kept as well: who explains wants to know of it. */
  protected get keepsAll(): boolean {
    return false
  }

  /**
   * What may be reused; most questions are asked once.
   *
   * @param _askedAt on the monotonic clock in ms.
   */
  protected remember(_asked: AskedPlugin, _verdict: Verdict, _askedAt: number): void {}

  #take(slot: number, source: Source, outcome: Outcome, verdict: Verdict): void {
    if (verdict.verdict !== 'allow' || this.#asked.length > 1 || this.keepsAll) {
      const voices = (this.#voices ??= [])
      const asked = this.#asked[slot] as AskedPlugin
      voices[slot] = voiceOf(asked, source, outcome, verdict, this.#askedAt)
    }
    this.#merged = mergeVerdicts(this.#merged, verdict)
    if (--this.#waiting > 0) return
    this.concluded(this.#merged)
  }
}

/** Whether a verdict says anything of its own reuse: most do not. */
export function isReusable(verdict: Verdict): boolean {
  return 'cacheMs' in verdict || 'cacheTag' in verdict
}

/** @param askedAt on the monotonic clock in ms. */
export function voiceOf(
  { plugin, hook }: AskedPlugin,
  source: Source,
  outcome: Outcome,
  verdict: Voice['verdict'],
  askedAt: number,
): Voice {
  const micros = source === 'crossing' ? Math.round((performance.now() - askedAt) * 1000) : 0
  return { plugin: plugin.name, version: plugin.version, hook, source, outcome, verdict, micros }
}

/** The single answer of one plugin, or what stands in for it. */
export function verdictOf(asked: AskedPlugin, outcome: Outcome, verdict: CheckedVerdict | null): Verdict {
  if (outcome !== 'ok' || verdict === null) return fallbackVerdict(asked.onFault, asked.hook, outcome)
  return isSingle(verdict) ? verdict : fallbackVerdict(asked.onFault, asked.hook, 'bad-verdict')
}

/** Whether an answer is one of the four plain verdicts. */
export function isSingle(verdict: CheckedVerdict): verdict is Verdict {
  return Object.hasOwn(SINGLE, verdict.verdict)
}

const SINGLE: Readonly<Record<Verdict['verdict'], true>> = {
  allow: true,
  abstain: true,
  deny: true,
  disconnect: true,
}
