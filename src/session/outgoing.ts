import type { Message } from '../codec/message.ts'

/**
 * How far the receive check of a waiting message is. One that was routed to an absent client is checked when
 * it is drained: what the client may see is decided when it is there to see it.
 */
export type ReceiveCheck = 'due' | 'asked' | 'allowed' | 'denied'

/** The subscription that brings a message to a session: a match of the tree, or one filter of a SUBSCRIBE. */
export interface Via {
  readonly subscriptionIds: readonly number[] | null
  /** The filter that routed it, which may be another than the client's own. */
  readonly filter: string
  /** The topic name under which the client gets it; null: the message's own. */
  readonly as: string | null
}

/** What plugins have made of a message for one recipient; QoS is its own already. */
export interface Form {
  readonly message: Message
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** As {@link Via.as}. */
  readonly as: string | null
}

/**
 * A message on its way to one session: first waiting, as it was published; then, unless its QoS is 0, in
 * flight, in the form in which it leaves and, if need be, leaves again.
 */
export class Outgoing {
  readonly message: Message
  /** 0 only of what waits. */
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly subscriptionIds: readonly number[] | null
  readonly filter: string
  readonly as: string | null
  check: ReceiveCheck
  /** What plugins are asked about: it was published so, whatever it leaves as. */
  readonly published: Message
  /** In what form it is to leave; null: as it is. Belongs to the check, and ends with it. */
  form: Form | null
  /** Who asks about it now; the answer to an older question is not wanted. */
  asker: object | null = null
  /** What it counts for while it waits. */
  bytes = 0
  /** PUBREC has come: only PUBREL may be sent again [MQTT-4.3.3-5]. */
  released = false
  /** Where it is written down; 0: nowhere. */
  place = 0
  /** It leaves as plugins have changed it for its recipient, which is written down by itself. */
  isChanged = false

  constructor(
    message: Message,
    qos: 0 | 1 | 2,
    retain: boolean,
    { subscriptionIds, filter, as }: Via,
    check: ReceiveCheck,
    form: Form | null = null,
    published: Message = message,
  ) {
    this.message = message
    this.published = published
    this.qos = qos
    this.retain = retain
    this.subscriptionIds = subscriptionIds
    this.filter = filter
    this.as = as
    this.check = check
    this.form = form
  }
}
