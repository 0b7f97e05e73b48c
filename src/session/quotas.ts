/** What bounds each session of a tenant. */
export interface SessionBounds {
  /** QoS 1 and 2 messages sent and not yet acknowledged. */
  readonly inflightMessages: number
  /** The payloads of these messages; Infinity: as many as they have. */
  readonly inflightBytes: number
  /** Messages that wait for the window or for the client. */
  readonly queuedMessages: number
  readonly queuedBytes: number
}

/** What bounds a tenant; Infinity where nothing does. */
export interface Quotas extends SessionBounds {
  readonly connections: number
  /** Sessions, of clients that are connected and of those that may return. */
  readonly sessions: number
  readonly messagesPerSec: number
  readonly bytesPerSec: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  /** Messages that wait for all sessions together. */
  readonly allQueuedMessages: number
  readonly allQueuedBytes: number
  readonly subscriptionsPerSession: number
  /** Of all wills that its clients have left. */
  readonly willBytes: number
  /** In bytes. */
  readonly maximumPacketSize: number
  /** The longest session expiry interval; 0xFFFFFFFF is forever. */
  readonly sessionExpirySec: number
}
