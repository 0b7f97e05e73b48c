import type { CellCounts, HookCounts, PluginCounts } from '../sandbox/index.ts'
import type { Histogram } from './base/histogram.ts'
import type { Tally } from './base/tally.ts'
import type { Headcount, Tallies, Traffic } from './base/traffic.ts'
import { VERSION } from './base/version.ts'
import type { WritingCounts } from './engine/engine.ts'
import type { LoopDelay } from './observe/event-loop-delay.ts'
import type { MetricReaders, Sample } from './observe/metrics.ts'
import type { PluginMetric } from './observe/plugin-metrics.ts'
import type { SeriesRoom } from './observe/series-room.ts'
import type { Quotas } from './session/quotas.ts'

/** A tenant as far as it is measured. */
export interface MeasuredRealm {
  readonly name: string
  readonly headcount: Headcount
  readonly traffic: Traffic
  readonly tallies: Tallies
  readonly sessions: { readonly size: number }
  readonly subscriptions: { readonly size: number }
  readonly queueRoom: { readonly messages: number; readonly bytes: number }
  readonly retainedBytes: number
  readonly quotas: Quotas
  readonly hooks: {
    readonly cpuMs: number
    readonly plugins: readonly { readonly name: string; readonly counts: PluginCounts }[]
  }
}

/** Where metrics are read from. */
export interface MetricSources {
  readonly realms: ReadonlyMap<string, MeasuredRealm>
  /** Of those that have come to no tenant. */
  readonly newcomers: { readonly traffic: Traffic; readonly tallies: Tallies }
  readonly listeners: readonly {
    readonly name: string
    readonly turnedAway: Readonly<Record<string, number>>
  }[]
  /** By listener: sockets over which MQTT could be spoken, and those of them that are closed. */
  readonly accepted: Tally
  readonly closed: Tally
  readonly engine: {
    readonly retained: { count(tenant: string): number }
    readonly writing: WritingCounts | null
  }
  /** Bytes that tenants' plugins keep, as they were last looked at. */
  kvBytes(tenant: string): number
  cells(): CellCounts
  status(): { readonly ready: boolean; readonly uptimeSec: number }
  pluginMetrics(): readonly PluginMetric[]
  loopDelay(): LoopDelay
}

type Realms = (read: (realm: MeasuredRealm) => number) => () => Iterable<Sample>

/** @param room bounds the series of all of them. */
export function metricReaders(sources: MetricSources, room: SeriesRoom): MetricReaders {
  const realms: Realms = (read) => () =>
    room.shown(Array.from(sources.realms.values(), (realm) => [[room.tenant(realm.name)], read(realm)]))
  return {
    ...brokerReaders(sources),
    ...clientReaders(sources, room, realms),
    ...pluginReaders(sources, room, realms),
    ...processReaders(),
    bulkhead_metrics_folded: () => {
      room.keepOnly(sources.realms)
      return one(room.foldedOf(sources.realms.keys()))
    },
  }
}

type BrokerMetric =
  | `bulkhead_${'build_info' | 'ready' | 'uptime_seconds' | 'event_loop_delay_seconds'}`
  | `bulkhead_${'store_commit_seconds' | 'store_batch_operations'}`
  | `bulkhead_${'cells' | 'cells_spare' | 'cells_limit'}`
  | `bulkhead_listener_${'connections' | 'accepted_total' | 'turned_away_total'}`

function brokerReaders(sources: MetricSources): Pick<MetricReaders, BrokerMetric> {
  const { accepted, closed, engine } = sources
  const listeners = (read: (name: string) => number) => (): Iterable<Sample> =>
    sources.listeners.map(({ name }) => [[name], read(name)])
  return {
    bulkhead_build_info: () => [[[VERSION, process.versions.node], 1]],
    bulkhead_ready: () => one(sources.status().ready ? 1 : 0),
    bulkhead_uptime_seconds: () => one(sources.status().uptimeSec),
    bulkhead_event_loop_delay_seconds: () => {
      const { p50, p99 } = sources.loopDelay()
      return [
        [['0.5'], p50],
        [['0.99'], p99],
      ]
    },
    bulkhead_store_commit_seconds: () => maybe(engine.writing?.commitSeconds),
    bulkhead_store_batch_operations: () => maybe(engine.writing?.batchOperations),
    bulkhead_cells: () => one(sources.cells().running),
    bulkhead_cells_spare: () => one(sources.cells().spare),
    bulkhead_cells_limit: () => one(sources.cells().most),
    bulkhead_listener_connections: listeners((name) => accepted.of(name) - closed.of(name)),
    bulkhead_listener_accepted_total: listeners((name) => accepted.of(name)),
    bulkhead_listener_turned_away_total: () =>
      sources.listeners.flatMap(({ name, turnedAway }) =>
        Object.entries(turnedAway).map(([reason, count]): Sample => [[name, reason], count]),
      ),
  }
}

type ClientMetric =
  | `bulkhead_${'connections' | 'connects_total' | 'sessions' | 'sessions_expired_total' | 'subscriptions'}`
  | `bulkhead_${'retained' | 'queued'}_${'messages' | 'bytes'}`
  | `bulkhead_${'messages' | 'packets'}_${'received' | 'sent'}_total`
  | `bulkhead_${'received' | 'sent'}_bytes_total`
  | `bulkhead_${'messages_dropped_total' | 'refusals_total' | 'quota_limit' | 'quotas_met_total'}`

function clientReaders(
  { realms: all, newcomers, engine }: MetricSources,
  room: SeriesRoom,
  realms: Realms,
): Pick<MetricReaders, ClientMetric> {
  // what comes before its tenant is known is nobody's
  const traffic = (counter: Exclude<keyof Traffic, 'add'>) => (): Iterable<Sample> => [
    ...realms((realm) => realm.traffic[counter])(),
    [[''], newcomers.traffic[counter]],
  ]
  const tallies = (read: (of: Tallies) => Tally) => (): Iterable<Sample> =>
    room.shown([
      ...Array.from(read(newcomers.tallies), ([what, count]): Sample => [['', what], count]),
      ...Array.from(all.values(), (realm) =>
        Array.from(read(realm.tallies), ([what, count]): Sample => [[room.tenant(realm.name), what], count]),
      ).flat(),
    ])
  return {
    bulkhead_connections: realms(({ headcount }) => headcount.now),
    bulkhead_connects_total: realms((realm) => realm.traffic.connections),
    bulkhead_sessions: realms(({ sessions }) => sessions.size),
    bulkhead_sessions_expired_total: realms((realm) => realm.traffic.sessionsExpired),
    bulkhead_subscriptions: realms(({ subscriptions }) => subscriptions.size),
    bulkhead_retained_messages: realms(({ name }) => engine.retained.count(name)),
    bulkhead_retained_bytes: realms(({ retainedBytes }) => retainedBytes),
    bulkhead_queued_messages: realms(({ queueRoom }) => queueRoom.messages),
    bulkhead_queued_bytes: realms(({ queueRoom }) => queueRoom.bytes),
    bulkhead_messages_received_total: traffic('publishesReceived'),
    bulkhead_messages_sent_total: traffic('publishesSent'),
    bulkhead_packets_received_total: traffic('packetsReceived'),
    bulkhead_packets_sent_total: traffic('packetsSent'),
    bulkhead_received_bytes_total: traffic('bytesReceived'),
    bulkhead_sent_bytes_total: traffic('bytesSent'),
    bulkhead_messages_dropped_total: tallies(({ dropped }) => dropped),
    bulkhead_refusals_total: tallies(({ refused }) => refused),
    bulkhead_quotas_met_total: tallies(({ quotasMet }) => quotasMet),
    bulkhead_quota_limit: () =>
      room.shown(
        Array.from(all.values(), ({ name, quotas }) =>
          Object.entries(quotas)
            .filter(([, most]) => Number.isFinite(most))
            .map(([quota, most]): Sample => [[room.tenant(name), quota], most]),
        ).flat(),
      ),
  }
}

type PluginMetricName =
  | `bulkhead_${'questions_total' | 'question_seconds' | 'kv_bytes'}`
  | `bulkhead_plugin_${'busy_seconds' | 'strikes' | 'quarantines' | 'untold' | 'counts'}_total`
  | 'bulkhead_plugin_gauge'
  | `bulkhead_cell_${'starts' | 'failures' | 'cpu_seconds'}_total`

function pluginReaders(
  sources: MetricSources,
  room: SeriesRoom,
  realms: Realms,
): Pick<MetricReaders, PluginMetricName> {
  const { realms: all } = sources
  const plugins = (read: (labels: readonly string[], counts: PluginCounts) => readonly Sample[]) => () =>
    room.shown(
      Array.from(all.values(), (realm) =>
        realm.hooks.plugins.flatMap(({ name, counts }) => read(room.plugin(realm.name, name), counts)),
      ).flat(),
    )
  const hooks = (read: (labels: readonly string[], counts: HookCounts) => readonly Sample[]) =>
    plugins((labels, { questions }) =>
      Array.from(questions, ([hook, counts]) => read([...labels, hook], counts)).flat(),
    )
  const own = (kind: PluginMetric['kind']) => (): Iterable<Sample> =>
    room.shown(
      sources
        .pluginMetrics()
        .filter((each) => each.kind === kind)
        .map(({ tenant, plugin, name, value }): Sample => [[...room.plugin(tenant, plugin), name], value]),
    )
  return {
    bulkhead_questions_total: hooks((labels, { outcomes }) =>
      Array.from(outcomes, ([outcome, count]): Sample => [[...labels, outcome], count]),
    ),
    bulkhead_question_seconds: hooks((labels, { seconds }) => [[labels, seconds]]),
    bulkhead_plugin_busy_seconds_total: plugins((labels, { workedMs }) => [[labels, workedMs / 1000]]),
    bulkhead_plugin_strikes_total: plugins((labels, { strikes }) => [[labels, strikes]]),
    bulkhead_plugin_quarantines_total: plugins((labels, { quarantines }) => [[labels, quarantines]]),
    bulkhead_plugin_untold_total: plugins((labels, { tellersDropped }) => [[labels, tellersDropped]]),
    bulkhead_plugin_counts_total: own('count'),
    bulkhead_plugin_gauge: own('gauge'),
    bulkhead_kv_bytes: realms(({ name }) => sources.kvBytes(name)),
    bulkhead_cell_starts_total: realms(({ tallies }) => tallies.cells.of('started')),
    bulkhead_cell_failures_total: realms(({ tallies }) => tallies.cells.of('failed')),
    bulkhead_cell_cpu_seconds_total: realms(({ hooks: { cpuMs } }) => cpuMs / 1000),
  }
}

type ProcessMetric =
  | `bulkhead_${'heap_used' | 'external_memory'}_bytes`
  | `process_${'cpu_seconds_total' | 'resident_memory_bytes' | 'start_time_seconds'}`

function processReaders(): Pick<MetricReaders, ProcessMetric> {
  const startedAt = (Date.now() - performance.now()) / 1000
  return {
    bulkhead_heap_used_bytes: () => one(process.memoryUsage().heapUsed),
    bulkhead_external_memory_bytes: () => one(process.memoryUsage().external),
    process_cpu_seconds_total: () => {
      const { user, system } = process.cpuUsage()
      return one((user + system) / 1e6)
    },
    process_resident_memory_bytes: () => one(process.memoryUsage.rss()),
    process_start_time_seconds: () => one(startedAt),
  }
}

function one(value: number): readonly Sample[] {
  return [[[], value]]
}

function maybe(histogram: Histogram | undefined): readonly Sample[] {
  return histogram === undefined ? [] : [[[], histogram]]
}
