import { randomUUID } from 'node:crypto'
import type { BrokerConfig } from './config/broker-config.ts'
import type { Node, Realm } from './protocol/ports.ts'
import { resolveTenant } from './tenants/resolve-tenant.ts'

type Entrance = Pick<Node, 'mqtt' | 'mqttOn' | 'census' | 'resolve' | 'newClientId'>

/**
 * What newcomers meet: the settings that hold where they come in, and the tenant that they belong to.
 *
 * @param realms the tenants by name; one that is not there lets nobody in.
 */
export function entranceOf(
  { mqtt, listeners, tenants }: Pick<BrokerConfig, 'mqtt' | 'listeners' | 'tenants'>,
  realms: ReadonlyMap<string, Realm>,
): Entrance {
  const own = new Map(listeners.map((listener) => [listener.name, listener.mqtt]))
  const rules = tenants.map(({ name, match }) => ({ tenant: realms.get(name), match }))
  return {
    mqtt,
    mqttOn: (listener) => own.get(listener) ?? mqtt,
    census: { sessions: 0 },
    resolve: ({ tls, upgrade }, listener, username) => {
      const found = resolveTenant(rules, { listener, tls, upgrade, username })
      return found?.tenant === undefined ? null : { realm: found.tenant, username: found.username }
    },
    newClientId: (prefix) => `${prefix}${randomUUID()}`,
  }
}
