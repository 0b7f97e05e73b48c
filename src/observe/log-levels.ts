import type { Log, LogLevel } from './log.ts'

/** What lines are about. */
export type LogComponent = 'client' | 'plugin' | 'cell' | 'store' | 'source' | 'listener'

/** The least of which lines are written; `off`: none. */
export type LogThreshold = 'info' | 'warn' | 'error' | 'off'

/** Which lines are written: a threshold for all, and others for some components. */
export interface LogLevels {
  readonly level: LogThreshold
  readonly levels: Readonly<Partial<Record<LogComponent, LogThreshold>>>
}

export const ALL_LEVELS: LogLevels = { level: 'info', levels: {} }

const RANKS: Readonly<Record<LogLevel | LogThreshold, number>> = {
  info: 0,
  warn: 1,
  error: 2,
  off: 3,
  // who turns lines off does not turn off the audit: it is no news, but what must be found later
  audit: 4,
}

/** The log as one component writes to it: what is below its threshold is not even put into words. */
export function logOf(log: Log, component: LogComponent, { level, levels }: LogLevels): Pick<Log, 'write'> {
  const least = RANKS[levels[component] ?? level]
  return {
    write: (of, tenant, line) => {
      if (RANKS[of] >= least) log.write(of, tenant, line)
    },
  }
}
