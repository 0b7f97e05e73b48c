import type { Log } from './log.ts'
import { printable } from './printable.ts'

/** What listeners meet, as the log tells it. */
export interface ListenerLog {
  /** A connection that did not come so far that MQTT could be spoken. */
  turnedAway(listener: string, why: string, remoteAddress: string, detail: string): void
  /** A listener's certificates were read anew; with an error, they are as they were. */
  renewed(listener: string, error: string | null): void
}

export function listenerLog(log: Log): ListenerLog {
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
