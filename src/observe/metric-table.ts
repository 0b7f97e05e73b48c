export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** What a metric's samples are told apart by. None of them is a client's identifier, a topic or a payload. */
export type MetricLabel =
  | 'tenant'
  | 'listener'
  | 'plugin'
  | 'hook'
  | 'outcome'
  | 'reason'
  | 'action'
  | 'quota'
  | 'name'
  | 'quantile'
  | 'version'
  | 'node'

export interface MetricSpec {
  readonly kind: MetricKind
  readonly help: string
  readonly labels: readonly MetricLabel[]
}

/** Every metric there is; the README's table is made of it. Counters begin at the start of the process. */
export const METRICS = {
  bulkhead_build_info: { kind: 'gauge', labels: ['version', 'node'], help: '1, with the versions that run.' },
  bulkhead_ready: { kind: 'gauge', labels: [], help: '1 if clients are served in full, else 0.' },
  bulkhead_uptime_seconds: { kind: 'gauge', labels: [], help: 'Since clients can connect.' },

  bulkhead_connections: { kind: 'gauge', labels: ['tenant'], help: 'Clients that are connected.' },
  bulkhead_connects_total: { kind: 'counter', labels: ['tenant'], help: 'Clients that were admitted.' },
  bulkhead_sessions: {
    kind: 'gauge',
    labels: ['tenant'],
    help: 'Sessions of clients that are connected and of those that may return.',
  },
  bulkhead_sessions_expired_total: {
    kind: 'counter',
    labels: ['tenant'],
    help: 'Sessions that waited for their client in vain.',
  },
  bulkhead_subscriptions: {
    kind: 'gauge',
    labels: ['tenant'],
    help: 'Subscriptions, shared ones among them.',
  },
  bulkhead_retained_messages: { kind: 'gauge', labels: ['tenant'], help: 'Retained messages.' },
  bulkhead_retained_bytes: {
    kind: 'gauge',
    labels: ['tenant'],
    help: 'What retained messages count for in the quota.',
  },
  bulkhead_queued_messages: { kind: 'gauge', labels: ['tenant'], help: 'Messages that wait for sessions.' },
  bulkhead_queued_bytes: { kind: 'gauge', labels: ['tenant'], help: 'Their bytes.' },

  bulkhead_messages_received_total: {
    kind: 'counter',
    labels: ['tenant'],
    help: 'PUBLISH packets from clients.',
  },
  bulkhead_messages_sent_total: { kind: 'counter', labels: ['tenant'], help: 'PUBLISH packets to clients.' },
  bulkhead_messages_dropped_total: {
    kind: 'counter',
    labels: ['tenant', 'reason'],
    help: 'Messages that did not reach a subscriber.',
  },
  bulkhead_packets_received_total: {
    kind: 'counter',
    labels: ['tenant'],
    help: 'MQTT packets of all types.',
  },
  bulkhead_packets_sent_total: { kind: 'counter', labels: ['tenant'], help: 'MQTT packets of all types.' },
  bulkhead_received_bytes_total: { kind: 'counter', labels: ['tenant'], help: 'Bytes of MQTT from clients.' },
  bulkhead_sent_bytes_total: { kind: 'counter', labels: ['tenant'], help: 'Bytes of MQTT to clients.' },
  bulkhead_refusals_total: {
    kind: 'counter',
    labels: ['tenant', 'action'],
    help: 'What clients were refused.',
  },
  bulkhead_quota_limit: {
    kind: 'gauge',
    labels: ['tenant', 'quota'],
    help: "A tenant's bounds, where there is one.",
  },
  bulkhead_quotas_met_total: {
    kind: 'counter',
    labels: ['tenant', 'quota'],
    help: 'How often a bound was met.',
  },

  bulkhead_questions_total: {
    kind: 'counter',
    labels: ['tenant', 'plugin', 'hook', 'outcome'],
    help: 'Questions to plugins, by how they ended.',
  },
  bulkhead_question_seconds: {
    kind: 'histogram',
    labels: ['tenant', 'plugin', 'hook'],
    help: 'From a question to its answer.',
  },
  bulkhead_plugin_busy_seconds_total: {
    kind: 'counter',
    labels: ['tenant', 'plugin'],
    help: "How long a plugin's frames took in its cell.",
  },
  bulkhead_plugin_strikes_total: {
    kind: 'counter',
    labels: ['tenant', 'plugin'],
    help: 'Faults that were charged to a plugin.',
  },
  bulkhead_plugin_quarantines_total: {
    kind: 'counter',
    labels: ['tenant', 'plugin'],
    help: 'Times that a plugin was quarantined.',
  },
  bulkhead_plugin_untold_total: {
    kind: 'counter',
    labels: ['tenant', 'plugin'],
    help: 'Events that a plugin was not told, for want of room.',
  },
  bulkhead_plugin_counts_total: {
    kind: 'counter',
    labels: ['tenant', 'plugin', 'name'],
    help: 'What a plugin counts itself.',
  },
  bulkhead_plugin_gauge: {
    kind: 'gauge',
    labels: ['tenant', 'plugin', 'name'],
    help: 'What a plugin measures itself.',
  },
  bulkhead_kv_bytes: {
    kind: 'gauge',
    labels: ['tenant'],
    help: "What a tenant's plugins keep; looked at once a minute.",
  },

  bulkhead_cells: { kind: 'gauge', labels: [], help: 'Cells that run, spares among them.' },
  bulkhead_cells_spare: { kind: 'gauge', labels: [], help: 'Cells that wait for a tenant.' },
  bulkhead_cells_limit: { kind: 'gauge', labels: [], help: 'Cells that may run at once.' },
  bulkhead_cell_starts_total: {
    kind: 'counter',
    labels: ['tenant'],
    help: 'Cells that were started for a tenant.',
  },
  bulkhead_cell_failures_total: {
    kind: 'counter',
    labels: ['tenant'],
    help: 'Cells that ended without having been told to.',
  },
  bulkhead_cell_cpu_seconds_total: {
    kind: 'counter',
    labels: ['tenant'],
    help: "What a tenant's cells used of the processor.",
  },

  bulkhead_store_commit_seconds: {
    kind: 'histogram',
    labels: [],
    help: 'How long the disk took for a batch.',
  },
  bulkhead_store_batch_operations: { kind: 'histogram', labels: [], help: 'What a batch held.' },

  bulkhead_listener_connections: {
    kind: 'gauge',
    labels: ['listener'],
    help: 'Sockets that are open, of clients or not.',
  },
  bulkhead_listener_accepted_total: {
    kind: 'counter',
    labels: ['listener'],
    help: 'Sockets over which MQTT could be spoken.',
  },
  bulkhead_listener_turned_away_total: {
    kind: 'counter',
    labels: ['listener', 'reason'],
    help: 'Sockets that did not come so far.',
  },

  bulkhead_event_loop_delay_seconds: {
    kind: 'gauge',
    labels: ['quantile'],
    help: 'How late the event loop was in the last seconds.',
  },
  bulkhead_heap_used_bytes: {
    kind: 'gauge',
    labels: [],
    help: "The JavaScript heap of the broker's process.",
  },
  bulkhead_external_memory_bytes: { kind: 'gauge', labels: [], help: 'Buffers outside that heap.' },
  bulkhead_metrics_folded: {
    kind: 'gauge',
    labels: [],
    help: 'Tenants that share the series of the tenant "_other".',
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    labels: [],
    help: "What the broker's process used of the processor.",
  },
  process_resident_memory_bytes: {
    kind: 'gauge',
    labels: [],
    help: "Memory of the broker's process, without its cells.",
  },
  process_start_time_seconds: {
    kind: 'gauge',
    labels: [],
    help: 'When the process started, since the epoch.',
  },
} as const

export type MetricName = keyof typeof METRICS

export function metricSpec(name: MetricName): MetricSpec {
  return METRICS[name]
}
