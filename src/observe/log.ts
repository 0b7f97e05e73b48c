import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import { FairTurns } from '../base/fair-turns.ts'
import { LOG_LINES_PER_SEC, LOG_TURN_MS } from '../base/limits.ts'
import { LogSink, sinkFile } from './log-sink.ts'
import { Redaction } from './redaction.ts'

export type LogFormat = 'json' | 'pretty' | 'silent'

/** `audit`: a record of the audit; it has lines of its own, so that no flood of other lines hides it. */
export type LogLevel = 'info' | 'warn' | 'error' | 'audit'

/** What one line says. */
export interface LogLine {
  readonly fields: object
  readonly text: string
}

/**
 * Lines that a stranger's doing brings about; past {@link LOG_LINES_PER_SEC} they are counted, not written.
 */
export interface Log {
  /**
   * Writes a line that a tenant causes, soon and in order.
   *
   * @param tenant '' if it is nobody's.
   * @param line puts it into words when it is the tenant's turn: escaping what strangers say takes time.
   */
  write(level: LogLevel, tenant: string, line: () => LogLine): void
  /** Resolves once nothing waits any more: all lines are written, or lost. */
  written(): Promise<void>
}

/**
 * The broker's log on stderr: JSON lines for machines, readable ones for a terminal. What clients and plugins
 * cause is bounded: nobody fills a disk, or takes the event loop, by being refused. Tenants take turns, a
 * little in each turn of the loop, and a thread does the writing.
 *
 * @param redaction what is taken out of each line; default: nothing is.
 */
export function openLog(format: LogFormat, redaction: Redaction = new Redaction([])): Log {
  if (format === 'silent') return { write: () => undefined, written: () => Promise.resolve() }
  const sink = new LogSink(sinkFile(STDERR), (error, forMs) => {
    const fields = { error, forMs: Math.round(forMs), lost: sink.takeDropped() }
    logger.warn(fields, 'the log could not be written: there was no room')
  })
  const logger = loggerOf(format, sink)
  const lines = new LineBudget()
  const turns = new FairTurns(LOG_TURN_MS, 2 * LOG_LINES_PER_SEC)
  const tellWithheld = (): void => {
    lines.withhold(sink.takeDropped())
    const withheld = lines.takeWithheld()
    if (withheld > 0) logger.warn({ withheld }, 'log lines withheld: too many in one second')
  }
  atExit(() => {
    sink.endWith(() => {
      turns.finish()
      tellWithheld()
    })
  })
  return {
    write: (level, tenant, line) => {
      if (!lines.admit(level, tenant)) return
      const taken = turns.run(tenant, () => {
        if (lines.isCountDue) tellWithheld()
        const { fields, text } = redaction.line(tenant, line())
        if (level === 'audit') logger.warn({ ...fields, audit: true }, text)
        else logger[level](fields, text)
      })
      if (taken === undefined) lines.withhold(1)
    },
    written: async () => {
      while (!turns.isIdle) await nextTurn()
      await sink.written()
    },
  }
}

const STDERR = 2

const ends: (() => void)[] = []

/** Whatever ends the process, its last words are the most wanted. One listener serves all logs. */
function atExit(end: () => void): void {
  ends.push(end)
  if (ends.length > 1) return
  process.once('exit', () => {
    for (const each of ends) each()
  })
}

/** Each tenant has lines of its own a second, so that nobody silences a neighbour; one entry a tenant. */
class LineBudget {
  readonly #written: Map<string, number> = new Map()
  readonly #audited: Map<string, number> = new Map()
  #second = 0
  #withheld = 0

  /** Whether a second ended in which lines were withheld: it is told with the next line. */
  isCountDue = false

  /** @returns whether the tenant may write one more line in this second. */
  admit(level: LogLevel, tenant: string): boolean {
    this.#turnSecond(Math.floor(performance.now() / 1000))
    const counts = level === 'audit' ? this.#audited : this.#written
    const lines = counts.get(tenant) ?? 0
    if (lines >= LOG_LINES_PER_SEC) {
      this.#withheld += 1
      return false
    }
    counts.set(tenant, lines + 1)
    return true
  }

  /** So many lines were lost elsewhere. */
  withhold(lines: number): void {
    this.#withheld += lines
  }

  takeWithheld(): number {
    const withheld = this.#withheld
    this.#withheld = 0
    this.isCountDue = false
    return withheld
  }

  #turnSecond(now: number): void {
    if (now === this.#second) return
    this.#second = now
    this.isCountDue = this.#withheld > 0
    this.#written.clear()
    this.#audited.clear()
  }
}

function loggerOf(format: LogFormat, sink: LogSink): Logger {
  const base = { base: null, level: 'info' }
  if (format !== 'pretty') return pino(base, sink)
  const pretty = prettyFactory({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
  return pino(base, { write: (line) => sink.write(pretty(line)) })
}
