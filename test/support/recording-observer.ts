import type { HostObserver } from '../../sandbox/index.ts'

/** What the host told its observer. */
export interface Told {
  readonly what: keyof HostObserver
  readonly args: readonly unknown[]
}

/** An observer that keeps all that it is told, in order. */
export function recordingObserver(onTold: () => void = () => undefined): {
  observer: HostObserver
  told: Told[]
} {
  const told: Told[] = []
  const record =
    (what: keyof HostObserver) =>
    (...args: readonly unknown[]): void => {
      told.push({ what, args })
      onTold()
    }
  const observer: HostObserver = {
    pluginLog: record('pluginLog'),
    pluginFaulted: record('pluginFaulted'),
    powerBroke: record('powerBroke'),
    pluginState: record('pluginState'),
    cellStarted: record('cellStarted'),
    cellEnded: record('cellEnded'),
    relieved: record('relieved'),
    tellersDropped: record('tellersDropped'),
    audit: record('audit'),
  }
  return { observer, told }
}
