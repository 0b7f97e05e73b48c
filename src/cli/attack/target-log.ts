import { MARK } from './target-messages.ts'

/** A fault that the broker logged. */
export interface LoggedFault {
  readonly tenant: string
  readonly plugin: string
  readonly hook: string
  readonly outcome: string
  readonly detail: string
}

/** What can move a cursor, fake a line or turn text around: none of it may stand in a log. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

/**
 * Reads the log of a broker under attack, line by line, as whoever operates it would: what it says of the
 * attackers, and whether any of their bytes came through as they were.
 */
export class TargetLog {
  readonly faults: LoggedFault[] = []
  /** The words of plugins, by tenant. */
  readonly lines: Map<string, string[]> = new Map()
  /** How cells ended, by tenant. */
  readonly ended: Map<string, string[]> = new Map()
  /** Tenants whose plugin did not become active. */
  readonly closed: Set<string> = new Set()
  /** Lines that no log should have, shown as JSON. */
  readonly foul: string[] = []
  #partial = ''
  #mark = 0
  #waiting: (() => void)[] = []

  push(text: string): void {
    const lines = (this.#partial + text).split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
    const woken = this.#waiting
    this.#waiting = []
    for (const wake of woken) wake()
  }

  /** Resolves once `condition` holds; it is looked at whenever there is more of the log. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Resolves once everything before this mark has been read. */
  reached(mark: number): Promise<void> {
    return this.until(() => this.#mark >= mark)
  }

  #read(line: string): void {
    const record = parse(line)
    if (record === undefined || UNPRINTABLE.test(line)) {
      this.foul.push(JSON.stringify(line.slice(0, 200)))
      return
    }
    const { tenant } = record
    if (typeof record[MARK] === 'number') this.#mark = record[MARK]
    else if (typeof tenant === 'string') this.#readOf(tenant, record)
  }

  #readOf(tenant: string, record: Readonly<Record<string, unknown>>): void {
    const { source, plugin, outcome, hook, detail, state, pid, reason, msg } = record
    if (source === 'plugin') push(this.lines, tenant, String(msg))
    else if (typeof outcome === 'string' && typeof hook === 'string') {
      this.faults.push({ tenant, plugin: String(plugin), hook, outcome, detail: String(detail) })
    } else if (state === 'failed' || String(msg).startsWith(`tenant ${tenant} is closed`)) {
      this.closed.add(tenant)
    } else if (state === 'active') this.closed.delete(tenant)
    else if (pid !== undefined && typeof reason === 'string') push(this.ended, tenant, reason)
  }
}

function push(lists: Map<string, string[]>, key: string, text: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [text])
  else list.push(text)
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
