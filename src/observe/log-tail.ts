import { TAIL } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'
import type { BrokerLog } from './broker-log.ts'
import { printable, printableFields } from './printable.ts'

/** Something that a tenant may hear of itself while it happens. */
export interface TailLine {
  /** ISO 8601. */
  readonly at: string
  readonly event: 'log' | 'fault' | 'state' | 'refused' | 'deployed' | 'lost'
  readonly plugin?: string
  readonly [detail: string]: unknown
}

/**
 * Lines as they come, each as a server-sent event. Whoever reads too slowly loses lines, and is told how
 * many; while nothing happens, a comment now and then shows that the line holds.
 */
export class Tail implements AsyncIterableIterator<string> {
  readonly #waiting = new RingBuffer<TailLine>(TAIL.lines)
  readonly #closed: () => void
  #wake: (() => void) | null = null
  #lost = 0
  #isOver = false
  #isNew = true

  /** @param closed called once, when it is not read any more. */
  constructor(closed: () => void) {
    this.#closed = closed
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  tell(line: TailLine): void {
    if (!this.#waiting.push(line)) this.#lost += 1
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<string>> {
    if (this.#isNew) {
      // whoever asks is answered before anything happens
      this.#isNew = false
      return { done: false, value: ': listening\n\n' }
    }
    if (this.#waiting.length === 0 && this.#lost === 0 && !this.#isOver) await this.#news()
    if (this.#isOver) return { done: true, value: undefined }
    const line = this.#waiting.shift()
    if (line !== undefined) return { done: false, value: eventOf(line) }
    if (this.#lost === 0) return { done: false, value: ': nothing yet\n\n' }
    const lost: TailLine = { at: new Date().toISOString(), event: 'lost', lines: this.#lost }
    this.#lost = 0
    return { done: false, value: eventOf(lost) }
  }

  return(): Promise<IteratorResult<string>> {
    if (!this.#isOver) this.#closed()
    this.#isOver = true
    this.#wake?.()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Resolves with the next line, at the end, or after a while. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), TAIL.quietMs).unref()
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
    })
  }
}

function eventOf({ event, ...rest }: TailLine): string {
  return `event: ${event}\ndata: ${JSON.stringify(rest)}\n\n`
}

/** Who listens to which tenant. Where nobody does, nothing is made. */
export class LogTails {
  readonly #byTenant = new Map<string, Set<Tail>>()

  /** Null: as many listen to this tenant as may. */
  open(tenant: string): Tail | null {
    const tails = this.#byTenant.get(tenant) ?? new Set()
    if (tails.size >= TAIL.listeners) return null
    this.#byTenant.set(tenant, tails)
    const tail = new Tail(() => {
      tails.delete(tail)
      if (tails.size === 0 && this.#byTenant.get(tenant) === tails) this.#byTenant.delete(tenant)
    })
    tails.add(tail)
    return tail
  }

  tell(tenant: string | undefined, line: () => Omit<TailLine, 'at'> & Pick<TailLine, 'event'>): void {
    const tails = tenant === undefined ? undefined : this.#byTenant.get(tenant)
    if (tails === undefined) return
    const told = { at: new Date().toISOString(), ...line() }
    for (const tail of tails) tail.tell(told)
  }
}

/** The same log, of which tenants may hear what is about their plugins and clients. */
export function tailedLog(log: BrokerLog, tails: LogTails): BrokerLog {
  return {
    ...log,
    pluginLog: (tenant, plugin, level, text, fields) => {
      log.pluginLog(tenant, plugin, level, text, fields)
      tails.tell(tenant, () => ({
        event: 'log',
        plugin,
        level,
        text: printable(text),
        ...(fields && { fields: printableFields(fields) }),
      }))
    },
    pluginFaulted: (tenant, plugin, hook, outcome, detail) => {
      log.pluginFaulted(tenant, plugin, hook, outcome, detail)
      tails.tell(tenant, () => ({ event: 'fault', plugin, hook, outcome, detail: printable(detail) }))
    },
    pluginState: (tenant, plugin, state, detail) => {
      log.pluginState(tenant, plugin, state, detail)
      tails.tell(tenant, () => ({ event: 'state', plugin, state, detail: printable(detail) }))
    },
    refused: (what) => {
      log.refused(what)
      const { realm, client, action, reasonCode, detail, decision } = what
      tails.tell(realm, () => ({
        event: 'refused',
        client: printable(client),
        action,
        reasonCode,
        detail: printable(detail),
        decision,
      }))
    },
    deployed: (tenant, plugin, version, digest, why) => {
      log.deployed(tenant, plugin, version, digest, why)
      tails.tell(tenant, () => ({ event: 'deployed', plugin, version, digest, why: printable(why) }))
    },
  }
}
