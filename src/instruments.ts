import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CellCounts } from '../sandbox/index.ts'
import { CELLS_MEASURED_A_TURN, USAGE } from './base/limits.ts'
import { Tally } from './base/tally.ts'
import { Tallies, type Traffic } from './base/traffic.ts'
import type { MetricsConfig } from './config/broker-config.ts'
import type { Engine } from './engine/engine.ts'
import { type MeasuredRealm, type MetricSources, metricReaders } from './metric-readers.ts'
import { EventLoopDelay } from './observe/event-loop-delay.ts'
import type { BrokerStatus } from './observe/health.ts'
import { Metrics } from './observe/metrics.ts'
import { type MetricsListener, openMetricsListener } from './observe/metrics-listener.ts'
import type { PluginMetric } from './observe/plugin-metrics.ts'
import { SeriesRoom } from './observe/series-room.ts'
import type { UsageCounts } from './observe/usage-counts.ts'
import { UsageLedger, type UsageReading } from './observe/usage-ledger.ts'

/** A tenant as far as it is measured here. */
export interface InstrumentedRealm extends MeasuredRealm {
  readonly hooks: {
    readonly pid: number | undefined
    readonly cpuMs: number
    readonly plugins: readonly (MeasuredRealm['hooks']['plugins'][number] & {
      readonly capabilities: { readonly kv?: unknown }
    })[]
    measure(): void
  }
}

/** What is measured. */
export interface Instrumented {
  readonly broker: {
    readonly tenants: ReadonlyMap<string, InstrumentedRealm>
    readonly listeners: MetricSources['listeners']
    readonly status: BrokerStatus
    readonly pluginMetrics: readonly PluginMetric[]
  }
  readonly engine: Pick<Engine<never, never>, 'kv' | 'documents'> & MetricSources['engine']
  /** Of connections whose tenant is not known yet. */
  readonly newcomers: Traffic
  readonly cells: () => CellCounts
}

/** What is counted of a running broker beside what its tenants count, and where all of it can be read. */
export class Instruments {
  /** Sockets over which MQTT could be spoken, by listener, … */
  readonly accepted: Tally = new Tally()
  /** … and those of them that are closed. */
  readonly closed: Tally = new Tally()
  readonly metrics: Metrics
  readonly usage: UsageLedger
  readonly #broker: Instrumented['broker']
  readonly #engine: Instrumented['engine']
  readonly #config: MetricsConfig
  readonly #nobodys = new Tallies()
  readonly #loopDelay = new EventLoopDelay()
  #kvBytes: ReadonlyMap<string, number> = new Map()
  #listener: MetricsListener | null = null
  #timer: NodeJS.Timeout | undefined
  #writtenAt = Date.now()

  constructor({ broker, engine, newcomers, cells }: Instrumented, config: MetricsConfig) {
    this.#broker = broker
    this.#engine = engine
    this.#config = config
    this.usage = new UsageLedger(engine.documents, Date.now())
    const sources: MetricSources = {
      realms: broker.tenants,
      newcomers: { traffic: newcomers, tallies: this.#nobodys },
      listeners: broker.listeners,
      accepted: this.accepted,
      closed: this.closed,
      engine,
      cells,
      kvBytes: (tenant) => this.#kvBytes.get(tenant) ?? 0,
      status: () => broker.status,
      pluginMetrics: () => broker.pluginMetrics,
      loopDelay: () => this.#loopDelay.read(),
    }
    this.metrics = new Metrics(metricReaders(sources, new SeriesRoom(config.series)))
  }

  /** Where metrics are served; undefined: nowhere of their own. */
  get url(): string | undefined {
    return this.#listener?.url
  }

  /** @param tenant undefined: of whoever has come to none. */
  tallies(tenant: string | undefined): Tallies {
    return this.#broker.tenants.get(tenant ?? '')?.tallies ?? this.#nobodys
  }

  /** From here on it can be asked whether the broker is ready: it is not. @throws BulkheadError ERR_LISTEN */
  async open(): Promise<void> {
    this.#loopDelay.start()
    const { bind } = this.#config
    if (bind === undefined) return
    const readiness = (): BrokerStatus => this.#broker.status
    this.#listener = await openMetricsListener(bind, { metrics: this.metrics, readiness })
  }

  /** The broker serves its clients: what they use is counted. */
  start(): void {
    this.#timer = setTimeout(() => void this.#look(), untilNext(USAGE.takeMs)).unref()
  }

  /** Writes what was used, while there is a store. */
  async stop(): Promise<void> {
    // it was never started: there is no store that could be asked
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#take()
    // a disk that takes nothing keeps nobody from stopping
    const { promise, resolve } = Promise.withResolvers<void>()
    const impatience = setTimeout(resolve, USAGE.stopMs)
    await Promise.race([this.usage.write(Date.now()), promise])
    clearTimeout(impatience)
  }

  /** The very last: whoever asks is told to the end that the broker is not ready. */
  async close(): Promise<void> {
    this.#loopDelay.stop()
    const listener = this.#listener
    this.#listener = null
    await listener?.close()
  }

  async #look(): Promise<void> {
    await this.#measureCells()
    await this.#measureKv()
    // stopped meanwhile: the last look was taken
    if (this.#timer === undefined) return
    this.#take()
    const now = Date.now()
    if (Math.floor(now / USAGE.writeMs) !== Math.floor(this.#writtenAt / USAGE.writeMs)) {
      this.#writtenAt = now
      void this.usage.write(now)
    }
    this.start()
  }

  /** Reading what a process has used takes the kernel some time: a few in each turn of the loop. */
  async #measureCells(): Promise<void> {
    let measured = 0
    for (const { hooks } of this.#broker.tenants.values()) {
      if (hooks.pid === undefined) continue
      hooks.measure()
      measured += 1
      if (measured % CELLS_MEASURED_A_TURN === 0) await nextTurn()
    }
  }

  async #measureKv(): Promise<void> {
    const realms = [...this.#broker.tenants.values()]
    // a store that is idle is left alone: its disk may sleep
    if (!realms.some(({ hooks }) => hooks.plugins.some(({ capabilities }) => capabilities.kv !== undefined)))
      return
    try {
      this.#kvBytes = await this.#engine.kv.used()
    } catch {
      // the store is in trouble, which is told already: what was known holds until it is out of it
    }
  }

  #take(): void {
    this.usage.take(this.#readings(), Date.now())
  }

  *#readings(): Generator<UsageReading> {
    for (const realm of this.#broker.tenants.values()) {
      const { name, headcount, traffic, hooks } = realm
      const counts: UsageCounts = {
        connectedMs: headcount.stayedMs,
        messagesIn: traffic.publishesReceived,
        messagesOut: traffic.publishesSent,
        bytesIn: traffic.bytesReceived,
        bytesOut: traffic.bytesSent,
        cpuMs: hooks.cpuMs,
        kvBytes: this.#kvBytes.get(name) ?? 0,
      }
      yield { tenant: name, counts }
    }
  }
}

/** Until the wall clock shows a multiple of so many ms: hours end on one. */
function untilNext(ms: number): number {
  return ms - (Date.now() % ms)
}
