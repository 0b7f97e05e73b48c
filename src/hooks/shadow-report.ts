import type { AskerName, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import { Histogram } from '../base/histogram.ts'
import { SHADOW } from '../base/limits.ts'

/** How one of two answered. */
export interface ShadowAnswer {
  readonly outcome: Outcome
  readonly verdict: CheckedVerdict | null
  readonly ms: number
}

/** A question that the two answered otherwise. */
export interface Difference {
  readonly hook: AskerName
  readonly kind: 'allow→deny' | 'deny→allow' | 'changed' | 'fault'
  /** What it was about, as the event has it; '' where it is about none. */
  readonly topic: string
  /** As JSON, cut off. */
  readonly serves: string
  readonly tried: string
}

/** What became of a version that is tried in the shadow of the one that serves. */
export interface ShadowSummary {
  /** ISO 8601. */
  readonly since: string
  /** Questions that both have answered. */
  readonly compared: number
  readonly same: number
  readonly differences: Readonly<Record<Difference['kind'], number>>
  /** Questions that it was not asked, since too many of it waited. */
  readonly skipped: number
  /** The first of each kind. */
  readonly examples: readonly Difference[]
  /** In ms, as upper bounds; 0: nothing was compared. */
  readonly serves: { readonly p50: number; readonly p99: number }
  readonly tried: { readonly p50: number; readonly p99: number }
}

const NO_DIFFERENCES = { 'allow→deny': 0, 'deny→allow': 0, changed: 0, fault: 0 } as const

/** Compares what two versions of a plugin say, question by question. */
export class ShadowReport {
  readonly #since = new Date().toISOString()
  readonly #differences: Record<Difference['kind'], number> = { ...NO_DIFFERENCES }
  readonly #examples: Difference[] = []
  readonly #serves = new Histogram(SHADOW.costMs)
  readonly #tried = new Histogram(SHADOW.costMs)
  #compared = 0
  #skipped = 0

  skip(): void {
    this.#skipped += 1
  }

  compare(hook: AskerName, topic: string, serves: ShadowAnswer, tried: ShadowAnswer): void {
    this.#compared += 1
    this.#serves.observe(serves.ms)
    this.#tried.observe(tried.ms)
    const kind = differenceOf(serves, tried)
    if (kind === null) return
    this.#differences[kind] += 1
    if (this.#differences[kind] > SHADOW.examples) return
    this.#examples.push({
      hook,
      kind,
      topic: topic.slice(0, SHADOW.exampleChars),
      serves: shown(serves),
      tried: shown(tried),
    })
  }

  get summary(): ShadowSummary {
    const differing = Object.values(this.#differences).reduce((sum, count) => sum + count, 0)
    return {
      since: this.#since,
      compared: this.#compared,
      same: this.#compared - differing,
      differences: { ...this.#differences },
      skipped: this.#skipped,
      examples: [...this.#examples],
      serves: costs(this.#serves),
      tried: costs(this.#tried),
    }
  }
}

function differenceOf(serves: ShadowAnswer, tried: ShadowAnswer): Difference['kind'] | null {
  if (tried.outcome !== 'ok') return serves.outcome === 'ok' ? 'fault' : null
  const [before, after] = [effectOf(serves.verdict), effectOf(tried.verdict)]
  if (before === 'allow' && after === 'deny') return 'allow→deny'
  if (before === 'deny' && after === 'allow') return 'deny→allow'
  return JSON.stringify(serves.verdict) === JSON.stringify(tried.verdict) ? null : 'changed'
}

/** A question that failed is denied, unless its operator says otherwise. */
function effectOf(verdict: CheckedVerdict | null): 'allow' | 'deny' | 'other' {
  if (verdict === null || verdict.verdict === 'deny' || verdict.verdict === 'disconnect') return 'deny'
  return verdict.verdict === 'allow' ? 'allow' : 'other'
}

function shown({ outcome, verdict }: ShadowAnswer): string {
  return (outcome === 'ok' ? JSON.stringify(verdict) : outcome).slice(0, SHADOW.exampleChars)
}

function costs(histogram: Histogram): { readonly p50: number; readonly p99: number } {
  return { p50: quantile(histogram, 0.5), p99: quantile(histogram, 0.99) }
}

/** The bound of the bucket in which it lies. */
function quantile({ bounds, counts, count }: Histogram, share: number): number {
  let seen = 0
  for (const [place, each] of counts.entries()) {
    seen += each
    if (count > 0 && seen >= count * share) return bounds[place] ?? Number.MAX_SAFE_INTEGER
  }
  return 0
}
