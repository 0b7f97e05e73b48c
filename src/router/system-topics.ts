/** Topics of the broker's own: clients read some of them, and publish to none. */
const SYSTEM = '$SYS'

/** The tree of the broker as a whole, which only this tenant may read: it is the operator's own. */
const OPERATOR = 'default'

/** Whether a topic is one of the broker's own. */
export function isSystemTopic(topic: string): boolean {
  return topic === SYSTEM || topic.startsWith(`${SYSTEM}/`)
}

/** Where bridges of peers say that they are up, whether the broker wants to know it or not. */
const BRIDGE_STATE = /^\$SYS\/broker\/connection\/[^/]+\/state$/

/** Whether a topic is where a bridge tells of itself: nobody reads it here, and the bridge need not mind. */
export function isBridgeState(topic: string): boolean {
  return isSystemTopic(topic) && BRIDGE_STATE.test(topic)
}

/** Whether a topic name looks like a shared subscription: nobody could subscribe to it. */
export function isShareTopic(topic: string): boolean {
  return topic.startsWith('$share/')
}

/** Whether a tenant's clients may subscribe to a filter: of `$SYS`, to their own tenant's tree alone. */
export function maySubscribeTo(tenant: string, filter: string): boolean {
  const [first, second] = filter.split('/', 2)
  if (first !== SYSTEM) return true
  if (second === 'broker') return tenant === OPERATOR
  return second === undefined || ['tenant', '#', '+'].includes(second)
}
