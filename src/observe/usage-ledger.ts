import { USAGE } from '../base/limits.ts'
import {
  isIdle,
  NO_USAGE,
  plusUsage,
  readUsage,
  type UsageCounts,
  usageSince,
  usageText,
} from './usage-counts.ts'
import { type Usage, usageOf } from './usage-report.ts'

/** Where usage is kept: documents of the engine. */
export interface UsageStore {
  get(tenant: string, kind: string, key: string): Promise<UsageDocument | undefined>
  list(
    tenant: string,
    kind: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly UsageDocument[]>
  change(changes: readonly UsageChange[]): Promise<{ readonly ok: boolean }>
}

interface UsageDocument {
  readonly key: string
  readonly text: string
}

interface UsageChange {
  readonly tenant: string
  readonly kind: string
  readonly key: string
  readonly text: string | null
}

/** What a tenant has used since its counters began. */
export interface UsageReading {
  readonly tenant: string
  readonly counts: UsageCounts
}

const HOURS = 'usage'
const DAYS = 'usage-day'
const DAY_MS = 86_400_000

/**
 * What each tenant used, hour by hour. It adds up in memory and is written now and then, so that a crash
 * costs some minutes; hours that are old become days, and days that are old go: what is kept is bounded.
 */
export class UsageLedger {
  readonly #store: UsageStore
  readonly #last = new Map<string, UsageCounts>()
  /** Not written yet: by tenant, then by hour. */
  #pending = new Map<string, Map<string, UsageCounts>>()
  #takenAt: number
  /** The day whose old hours have been put together. */
  #tidied = ''
  #writing: Promise<void> = Promise.resolve()

  /** @param now in ms since the epoch. */
  constructor(store: UsageStore, now: number) {
    this.#store = store
    this.#takenAt = now
  }

  /** Adds what has come since the last time, to the hour in which that was. */
  take(readings: Iterable<UsageReading>, now: number): void {
    const hour = hourOf(this.#takenAt)
    this.#takenAt = now
    const gone = new Set(this.#last.keys())
    for (const { tenant, counts } of readings) {
      gone.delete(tenant)
      const more = usageSince(this.#last.get(tenant) ?? NO_USAGE, counts)
      this.#last.set(tenant, counts)
      if (!isIdle(more)) addTo(this.#pending, tenant, hour, more)
    }
    for (const tenant of gone) this.forget(tenant)
  }

  /** A tenant is about to be deleted: what is kept of it goes with it, and nothing more is written. */
  forget(tenant: string): void {
    this.#last.delete(tenant)
    this.#pending.delete(tenant)
  }

  /** Writes what is not written; what the store does not take is tried again the next time. */
  write(now: number): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(now))
    return this.#writing
  }

  /**
   * What a tenant used, the oldest first; what is not written yet is in it.
   *
   * @param from in ms since the epoch: the first span is the one that holds it.
   * @param to no span begins then or later.
   * @throws BulkheadError ERR_STORE
   */
  async read(tenant: string, from: number, to: number): Promise<readonly Usage[]> {
    await this.#writing
    const [days, hours] = await Promise.all([
      this.#spans(tenant, DAYS, dayOf(from - DAY_MS), dayOf(to - 1)),
      this.#spans(tenant, HOURS, hourOf(from - HOUR_MS), hourOf(to - 1)),
    ])
    for (const [hour, counts] of this.#pending.get(tenant) ?? []) {
      if (hour >= hourOf(from) && hour <= hourOf(to - 1)) add(hours, hour, counts)
    }
    return [...days, ...hours]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, counts]) => usageOf(key, counts))
  }

  async #spans(tenant: string, kind: string, after: string, last: string): Promise<Map<string, UsageCounts>> {
    const found = await this.#store.list(tenant, kind, after, USAGE.spansRead)
    const wanted = found.filter(({ key }) => key <= last)
    return new Map(wanted.map(({ key, text }) => [key, readUsage(text, `usage of ${tenant} at ${key}`)]))
  }

  async #write(now: number): Promise<void> {
    const pending = this.#pending
    this.#pending = new Map()
    const spans = [...pending].flatMap(([tenant, hours]) =>
      Array.from(hours, ([hour, counts]) => ({ tenant, hour, counts })),
    )
    for (let at = 0; at < spans.length; at += USAGE.spansAtOnce) {
      const some = spans.slice(at, at + USAGE.spansAtOnce)
      const isWritten = await this.#put(some).catch(() => false)
      if (isWritten) continue
      // those that were deleted meanwhile have none any more
      const left = some.filter(({ tenant }) => this.#last.has(tenant))
      for (const { tenant, hour, counts } of left) addTo(this.#pending, tenant, hour, counts)
    }
    await this.#tidy(dayOf(now), now)
  }

  async #put(
    spans: readonly { readonly tenant: string; readonly hour: string; readonly counts: UsageCounts }[],
  ): Promise<boolean> {
    const changes = await Promise.all(
      spans.map(async ({ tenant, hour, counts }) => {
        const kept = await this.#store.get(tenant, HOURS, hour)
        const sum = kept === undefined ? counts : plusUsage(readable(kept), counts)
        return { tenant, kind: HOURS, key: hour, text: usageText(sum) }
      }),
    )
    // those that were deleted meanwhile must not come back
    return (await this.#store.change(changes.filter(({ tenant }) => this.#last.has(tenant)))).ok
  }

  /** Once a day: hours become days, and days go, when their time has come. */
  async #tidy(day: string, now: number): Promise<void> {
    if (this.#tidied === day) return
    this.#tidied = day
    for (const tenant of this.#last.keys()) {
      try {
        await this.#rollUp(tenant, dayOf(now - USAGE.hoursKeptDays * DAY_MS))
        await this.#drop(tenant, dayOf(now - USAGE.daysKept * DAY_MS))
      } catch {
        // the disk is in trouble, which is told already: they are looked at again the next time
        this.#tidied = ''
        return
      }
    }
  }

  /** @param before days from this one on keep their hours. */
  async #rollUp(tenant: string, before: string): Promise<void> {
    for (;;) {
      const [first] = await this.#store.list(tenant, HOURS, undefined, 1)
      const day = first?.key.slice(0, before.length)
      if (day === undefined || day >= before) return
      const listed = await this.#store.list(tenant, HOURS, undefined, USAGE.hoursOfADay)
      const hours = listed.filter(({ key }) => key.startsWith(day))
      const kept = await this.#store.get(tenant, DAYS, day)
      const sum = [...(kept === undefined ? [] : [kept]), ...hours].map(readable).reduce(plusUsage)
      const { ok } = await this.#store.change([
        { tenant, kind: DAYS, key: day, text: usageText(sum) },
        ...hours.map(({ key }) => ({ tenant, kind: HOURS, key, text: null })),
      ])
      if (!ok) return
    }
  }

  async #drop(tenant: string, before: string): Promise<void> {
    const days = await this.#store.list(tenant, DAYS, undefined, USAGE.spansRead)
    const old = days.filter(({ key }) => key < before)
    if (old.length > 0)
      await this.#store.change(old.map(({ key }) => ({ tenant, kind: DAYS, key, text: null })))
  }
}

const HOUR_MS = 3_600_000

function hourOf(at: number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DDTHH'.length)
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DD'.length)
}

/** What cannot be read counts as nothing where more is added: counting goes on. */
function readable({ key, text }: UsageDocument): UsageCounts {
  try {
    return readUsage(text, key)
  } catch {
    return NO_USAGE
  }
}

function addTo(
  all: Map<string, Map<string, UsageCounts>>,
  tenant: string,
  hour: string,
  counts: UsageCounts,
): void {
  const hours = all.get(tenant) ?? new Map<string, UsageCounts>()
  all.set(tenant, hours)
  add(hours, hour, counts)
}

function add(spans: Map<string, UsageCounts>, key: string, counts: UsageCounts): void {
  spans.set(key, plusUsage(spans.get(key) ?? NO_USAGE, counts))
}
