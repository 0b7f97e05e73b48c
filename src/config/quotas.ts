import type { Quotas } from './broker-config.ts'

/** Forever, as a session expiry interval [MQTT5 3.1.2.11.2]. */
const FOREVER_SEC = 0xffff_ffff
const MIB = 1024 ** 2

/** What a tenant under `tenants:` gets where its `quotas:` say nothing. */
export const TENANT_QUOTAS: Quotas = {
  connections: 1000,
  sessions: 10_000,
  messagesPerSec: 5000,
  bytesPerSec: 10 * MIB,
  retainedMessages: 10_000,
  retainedBytes: 64 * MIB,
  queuedMessages: 1000,
  queuedBytes: 64 * MIB,
  allQueuedMessages: 100_000,
  allQueuedBytes: 256 * MIB,
  inflightMessages: 32,
  inflightBytes: 16 * MIB,
  subscriptionsPerSession: 1000,
  willBytes: 16 * MIB,
  maximumPacketSize: MIB,
  sessionExpirySec: 7200,
}

/** What the tenant `default` gets, which is the operator's own: the bounds of sanity and no more. */
export const DEFAULT_TENANT_QUOTAS: Quotas = {
  connections: Number.POSITIVE_INFINITY,
  sessions: 10_000_000,
  messagesPerSec: Number.POSITIVE_INFINITY,
  bytesPerSec: Number.POSITIVE_INFINITY,
  retainedMessages: 1_000_000,
  retainedBytes: 1024 * MIB,
  queuedMessages: 1_000_000,
  queuedBytes: 1024 * MIB,
  allQueuedMessages: 100_000_000,
  allQueuedBytes: 64 * 1024 * MIB,
  inflightMessages: 65_535,
  inflightBytes: Number.POSITIVE_INFINITY,
  subscriptionsPerSession: 1_000_000,
  willBytes: 1024 * MIB,
  maximumPacketSize: 256 * MIB - 1,
  sessionExpirySec: FOREVER_SEC,
}

/** The quotas whose value is a size in bytes, which may be written as `10MiB`. */
export const BYTE_QUOTAS: readonly (keyof Quotas)[] = [
  'bytesPerSec',
  'retainedBytes',
  'queuedBytes',
  'allQueuedBytes',
  'inflightBytes',
  'willBytes',
  'maximumPacketSize',
]
