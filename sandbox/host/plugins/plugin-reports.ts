import { messageOf } from '../../../src/base/errors.ts'
import { DETAIL_CHARS, FAULTS_REPORTED_PER_SEC, LOG_TEXT_CHARS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import type { FaultPlace, HostObserver } from '../host-ports.ts'
import { PerSecond } from '../per-second.ts'
import { checkLine } from './log-lines.ts'
import type { PluginConduct } from './plugin-conduct.ts'
import { Positions } from './positions.ts'

/**
 * What a plugin gives the broker to write down: its log lines and its faults. Both are the plugin's to cause,
 * so that both have a budget; what is over it is counted and told with the next that passes.
 */
export class PluginReports {
  readonly #observer: HostObserver
  readonly #tenant: string
  readonly #plugin: string
  readonly #positions: Positions
  readonly #conduct: Pick<PluginConduct, 'faulted' | 'denied' | 'decided'>
  /** Shared by the tenant's plugins. */
  readonly #lineBudget: PerSecond
  readonly #faultBudget = new PerSecond(FAULTS_REPORTED_PER_SEC)
  #linesDropped = 0
  #faultsDropped = 0

  constructor(
    observer: HostObserver,
    tenant: string,
    plugin: string,
    sourceMap: string,
    lineBudget: PerSecond,
    conduct: Pick<PluginConduct, 'faulted' | 'denied' | 'decided'>,
  ) {
    this.#observer = observer
    this.#tenant = tenant
    this.#plugin = plugin
    this.#positions = new Positions(sourceMap)
    this.#lineBudget = lineBudget
    this.#conduct = conduct
  }

  /** @param raw lines as the cell sent them, unchecked. @param dropped how many the guest dropped before. */
  logged(raw: readonly unknown[], dropped: number): void {
    this.#linesDropped += dropped
    const now = performance.now()
    for (const each of raw) {
      const line = checkLine(each)
      if (line === undefined || !this.#lineBudget.spend(now)) this.#linesDropped += 1
      else this.#observer.pluginLog(this.#tenant, this.#plugin, line.level, line.text, line.fields)
    }
    if (this.#linesDropped === 0 || !this.#lineBudget.spend(now)) return
    const note = 'log lines dropped: over the budget, or without the capability log'
    this.#observer.pluginLog(this.#tenant, this.#plugin, 'warn', note, { dropped: this.#linesDropped })
    this.#linesDropped = 0
  }

  /** A verdict with `audit`. @param detail may be the plugin's own text. */
  decided(hook: FaultPlace, detail: string): void {
    this.#conduct.decided(hook, detail)
  }

  /** A power was refused. @param detail may be the plugin's own text. */
  denied(power: string, detail: string): void {
    this.#conduct.denied(power, detail)
    const line = `ctx.${power.slice(0, 32)} refused: ${detail}`.slice(0, LOG_TEXT_CHARS)
    if (this.#lineBudget.spend(performance.now())) {
      this.#observer.pluginLog(this.#tenant, this.#plugin, 'warn', line, undefined)
    } else this.#linesDropped += 1
  }

  /** A power of ours has a bug. A plugin may choose how often it shows: it has the budget of its faults. */
  broke(power: string, error: unknown): void {
    if (!this.#faultBudget.spend(performance.now())) {
      this.#faultsDropped += 1
      return
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
    this.#observer.powerBroke(this.#tenant, this.#plugin, power, detail.slice(0, DETAIL_CHARS))
  }

  faulted(hook: FaultPlace, outcome: Outcome, detail: string): void {
    const mapped = this.mapped(detail)
    this.#conduct.faulted(hook, outcome, mapped)
    if (!this.#faultBudget.spend(performance.now())) {
      this.#faultsDropped += 1
      return
    }
    const more =
      this.#faultsDropped === 0 ? '' : ` (and ${this.#faultsDropped} faults that were not reported)`
    this.#faultsDropped = 0
    this.#observer.pluginFaulted(this.#tenant, this.#plugin, hook, outcome, mapped + more)
  }

  /** A detail with its positions in the plugin's own files. */
  mapped(detail: string): string {
    return this.#positions.mapText(detail.slice(0, DETAIL_CHARS))
  }
}
