import { destination, type Logger, pino } from 'pino'
import pinoPretty from 'pino-pretty'
import { LOG_LINES_PER_SEC } from '../base/limits.ts'

export type LogFormat = 'json' | 'pretty' | 'silent'

/**
 * Lines that a stranger's doing brings about; past {@link LOG_LINES_PER_SEC} they are counted, not written.
 */
export interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
  /** A record of the audit: has lines of its own, so that no flood of other lines hides it. */
  audit(fields: object, text: string): void
}

/**
 * The broker's log on stderr: JSON lines for machines, readable ones for a terminal. What clients and plugins
 * cause is bounded: nobody fills a disk, or takes the event loop, by being refused.
 */
export function openLog(format: LogFormat): Log {
  const logger = loggerOf(format)
  let second = 0
  let withheld = 0
  // each tenant has lines of its own, so that nobody silences a neighbour; one entry a tenant
  const written = new Map<string, number>()
  const audited = new Map<string, number>()
  const admit = ({ tenant = '' }: { readonly tenant?: string }, lineCounts = written): boolean => {
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) {
      if (withheld > 0) logger.warn({ withheld }, 'log lines withheld: too many in one second')
      second = now
      written.clear()
      audited.clear()
      withheld = 0
    }
    const lines = lineCounts.get(tenant) ?? 0
    if (lines < LOG_LINES_PER_SEC) {
      lineCounts.set(tenant, lines + 1)
      return true
    }
    withheld += 1
    return false
  }
  return {
    info: (fields, text) => void (admit(fields) && logger.info(fields, text)),
    warn: (fields, text) => void (admit(fields) && logger.warn(fields, text)),
    error: (fields, text) => void (admit(fields) && logger.error(fields, text)),
    audit: (fields, text) => void (admit(fields, audited) && logger.warn({ ...fields, audit: true }, text)),
  }
}

function loggerOf(format: LogFormat): Logger {
  const base = { base: null, level: format === 'silent' ? 'silent' : 'info' }
  if (format !== 'pretty') return pino(base, destination({ dest: 2, sync: true }))
  return pino(
    base,
    pinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }),
  )
}
