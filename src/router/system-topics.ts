/** Topics of the broker's own: clients read some of them, and publish to none. */
const SYSTEM = '$SYS'

/** The tree of the broker as a whole, which only this tenant may read: it is the operator's own. */
const OPERATOR = 'default'

/** Whether a topic is one of the broker's own. */
export function isSystemTopic(topic: string): boolean {
  return topic === SYSTEM || topic.startsWith(`${SYSTEM}/`)
}

/** Whether a tenant's clients may subscribe to a filter: of `$SYS`, to their own tenant's tree alone. */
export function maySubscribeTo(tenant: string, filter: string): boolean {
  const [first, second] = filter.split('/', 2)
  if (first !== SYSTEM) return true
  if (second === 'broker') return tenant === OPERATOR
  return second === undefined || ['tenant', '#', '+'].includes(second)
}
