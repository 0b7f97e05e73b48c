import type { Log } from './log.ts'
import { ALL_LEVELS, type LogLevels, logOf } from './log-levels.ts'
import { printable } from './printable.ts'

/** What listeners meet, as the log tells it. */
export interface ListenerLog {
  /** A connection that did not come so far that MQTT could be spoken. */
  turnedAway(listener: string, why: string, remoteAddress: string, detail: string): void
  /** A listener's certificates were read anew; with an error, they are as they were. */
  renewed(listener: string, error: string | null): void
}

/** @param levels which lines are written. */
export function listenerLog(all: Log, levels: LogLevels = ALL_LEVELS): ListenerLog {
  const log = logOf(all, 'listener', levels)
  return {
    turnedAway: (listener, why, remoteAddress, detail) =>
      log.write('warn', '', () => ({
        fields: { listener, remoteAddress, why },
        text: `connection turned away: ${printable(detail)}`,
      })),
    renewed: (listener, error) =>
      log.write(error === null ? 'info' : 'error', '', () =>
        error === null
          ? { fields: { listener }, text: `listener ${listener} has read its certificates anew` }
          : {
              fields: { listener, detail: printable(error) },
              text: `listener ${listener} keeps its certificates: the new ones cannot be used`,
            },
      ),
  }
}
