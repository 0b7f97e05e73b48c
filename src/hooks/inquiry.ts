import type { Message } from '../codec/message.ts'

/** What a client may be allowed: what grants speak of, and what verdicts are remembered of. */
export type Action = 'publish' | 'subscribe' | 'receive'

/** One thing that one client wants to do, as far as answers in advance can tell it from another. */
export interface Inquiry {
  readonly action: Action
  /** A topic name; for subscribe a topic filter, without `$share/NAME/`. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  /** Publish and receive: the message's flag. */
  readonly retain: boolean
  /** Subscribe: the share name; '': not shared. */
  readonly share: string
}

export function messageInquiry(
  action: 'publish' | 'receive',
  { topic, qos, retain }: Pick<Message, 'topic' | 'qos' | 'retain'>,
): Inquiry {
  return { action, topic, qos, retain, share: '' }
}
