import { DELIVERY_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import type { Message } from '../codec/message.ts'
import { deliverRetained } from '../delivery/deliver.ts'
import type { ParsedFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import type { Node, Realm } from './ports.ts'

/** A new subscription that is to hear what is retained. */
export interface RetainedWish {
  /** How it is routed. */
  readonly routed: Pick<ParsedFilter, 'filter' | 'renaming'>
  readonly qos: 0 | 1 | 2
  /** 0: none. */
  readonly subscriptionId: number
}

/**
 * Brings a session the retained messages of its new subscriptions [3.1.1 MQTT-3.3.1-6], one subscription
 * after the other, as there is time: each may match all that the tenant has retained. Their topics are noted,
 * and each message is looked up when it is sent, so that nobody hears late of what was replaced meanwhile.
 */
export function sendRetained(
  node: Node,
  realm: Realm,
  session: Session,
  wishes: readonly RetainedWish[],
): void {
  if (wishes.length > 0) realm.turns.run(realm.name, fulfil(node, realm, session, wishes))
}

function* fulfil(node: Node, realm: Realm, session: Session, wishes: readonly RetainedWish[]): Steps {
  for (const [place, wish] of wishes.entries()) {
    let isFound = false
    let isLate = false
    const topics: string[] = []
    node.engine.retained.match(realm.name, wish.routed.filter, {
      retained: ({ topic }) => {
        topics.push(topic)
        return true
      },
      done: () => {
        isFound = true
        if (isLate) realm.turns.run(realm.name, resume())
      },
    })
    if (!isFound) {
      // an engine that answers later: the rest goes on from its answer
      isLate = true
      return
    }
    yield topics.length
    yield* sendTopics(node, realm, session, wish, topics)
    function* resume(): Steps {
      yield* sendTopics(node, realm, session, wish, topics)
      yield* fulfil(node, realm, session, wishes.slice(place + 1))
    }
  }
}

function* sendTopics(
  node: Node,
  realm: Realm,
  session: Session,
  { routed: { filter, renaming }, qos, subscriptionId }: RetainedWish,
  topics: readonly string[],
): Steps {
  const subscriptionIds = subscriptionId === 0 ? null : [subscriptionId]
  const reader = {
    retained: (message: Message): false => {
      const { topic, expiresAt } = message
      const name = renaming === null ? topic : renaming.nameOf(topic)
      if (name === null || (expiresAt !== 0 && expiresAt <= Date.now())) return false
      const via = { filter, subscriptionIds, as: name === topic ? null : name }
      deliverRetained(realm, session, via, qos, message)
      return false
    },
    done: (): void => undefined,
  }
  for (const topic of topics) {
    // the session has ended, or is another client's by now
    if (realm.sessions.get(session.clientId) !== session) return
    node.engine.retained.match(realm.name, topic, reader)
    yield DELIVERY_COST
  }
}
