import { BACKLOG_BYTES } from '../base/limits.ts'
import type { Session } from '../session/session.ts'
import type { DropReason } from './ports.ts'

/** A bound that was met. */
export interface MetLimit {
  readonly limit: string
  readonly value: number
}

/** Which bound kept a message from a session; undefined: none, but a rule. */
export function limitOfDrop(reason: DropReason, { outbound, link }: Session): MetLimit | undefined {
  switch (reason) {
    case 'queue-full':
      return outbound.queued >= outbound.waiting.bound
        ? { limit: 'queuedMessages', value: outbound.waiting.bound }
        : { limit: 'queuedBytes', value: outbound.maxWaitingBytes }
    case 'too-large':
      return link === null ? undefined : { limit: 'maximumPacketSize', value: link.maximumPacketSize }
    case 'slow-client':
      return { limit: 'backlogBytes', value: BACKLOG_BYTES }
    case 'expired':
    case 'denied':
      return undefined
  }
}
