import { BACKLOG_BYTES } from '../base/limits.ts'
import { type Message, sizeOf } from '../codec/message.ts'
import type { Outbound } from '../session/outbound.ts'
import type { Session } from '../session/session.ts'
import type { DropReason } from './ports.ts'

/** A bound that was met. */
export interface MetLimit {
  readonly limit: string
  readonly value: number
}

/** Which bound kept a message from a session; undefined: none, but a rule. */
export function limitOfDrop(
  reason: DropReason,
  { outbound, link }: Session,
  message: Message,
): MetLimit | undefined {
  switch (reason) {
    case 'queue-full':
      return limitOfQueue(outbound, sizeOf(message))
    case 'too-large':
      return link === null ? undefined : { limit: 'maximumPacketSize', value: link.maximumPacketSize }
    case 'slow-client':
      return { limit: 'backlogBytes', value: BACKLOG_BYTES }
    case 'expired':
    case 'denied':
      return undefined
  }
}

/** Its own bounds first; where it has met none of them, its tenant has. */
function limitOfQueue(outbound: Outbound, bytes: number): MetLimit {
  const { queued, waiting, waitingBytes, maxWaitingBytes, room } = outbound
  if (queued < waiting.bound && waitingBytes + bytes <= maxWaitingBytes) {
    const limit = room.metBy(bytes)
    if (limit !== null) return { limit, value: limit === 'allQueuedBytes' ? room.maxBytes : room.maxMessages }
  }
  return queued >= waiting.bound
    ? { limit: 'queuedMessages', value: waiting.bound }
    : { limit: 'queuedBytes', value: maxWaitingBytes }
}
