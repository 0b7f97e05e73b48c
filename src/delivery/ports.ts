import type { Lanes } from '../base/lanes.ts'
import type { TenantHooks } from '../hooks/tenant-hooks.ts'
import type { Voice } from '../hooks/voice.ts'
import type { WorkTurns } from '../base/work-turns.ts'
import type { Message } from '../codec/message.ts'
import type { SubscriptionTree } from '../router/subscription-tree.ts'
import type { Session } from '../session/session.ts'

/** Why a message did not reach a session. */
export type DropReason = 'queue-full' | 'slow-client' | 'too-large' | 'expired' | 'denied'

/** How messages leave; the operator's word. */
export interface DeliveryRules {
  /** With the QoS of the subscription, however low that of the PUBLISH was. */
  readonly upgradeOutgoingQos: boolean
  /** Messages of QoS 0 wait as well for who is away, and behind what waits. */
  readonly queueQos0Messages: boolean
}

/** A tenant as delivery sees it. */
export interface DeliveryRealm {
  readonly name: string
  readonly hooks: TenantHooks
  readonly delivery: DeliveryRules
  readonly subscriptions: SubscriptionTree<Session>
  /** What waits for plugins on its way to recipients, by topic. */
  readonly deliveries: Lanes
  /** In which its deliveries are done, under its name. */
  readonly turns: WorkTurns
  /** Messages on their way to many that have not reached all of them: what comes meanwhile comes behind. */
  spreading: number
  /** Counts, and tells `onBrokerMessageDropped`; `limit` names the bound where one was met. */
  dropped(session: Session, message: Message, reason: DropReason): void
  /** Writes down, for explain, who refused a delivery. */
  notReceived(session: Session, message: Message, voices: readonly Voice[]): void
}
