import type { PowerPorts } from '../sandbox/index.ts'
import type { TenantServices } from './protocol/plugin-services.ts'

/**
 * What plugins' powers do in the protocol, each for the tenant of who uses it.
 *
 * @param of undefined for a tenant that is not, or no longer, there: its plugins find nothing, and change
 * nothing.
 */
export function powerPorts(of: (tenant: string) => TenantServices | undefined): PowerPorts {
  return {
    publish: (tenant, plugin, publication) => of(tenant)?.publisher.publish(plugin, publication) ?? false,
    sessions: {
      get: (tenant, clientId) => of(tenant)?.view.session(clientId),
      list: async (tenant, after, limit) => of(tenant)?.view.sessions(after, limit) ?? [],
    },
    retained: {
      get: async (tenant, topic, payloadBytes) => of(tenant)?.view.retained(topic, payloadBytes),
      list: async (tenant, filter, limit, payloadBytes) =>
        of(tenant)?.view.retainedMatching(filter, limit, payloadBytes) ?? [],
    },
    subscriptions: {
      ofClient: (tenant, clientId, limit) => of(tenant)?.view.subscriptionsOf(clientId, limit) ?? [],
      matching: async (tenant, topic, limit) => of(tenant)?.view.subscriptionsMatching(topic, limit) ?? [],
    },
    subscribe: async (tenant, plugin, clientId, filter, qos) =>
      of(tenant)?.subscriber.subscribe(plugin, clientId, filter, qos) ?? null,
    access: {
      invalidate: async (tenant, plugin, what) => of(tenant)?.access.takeBack(plugin, what) ?? 'busy',
    },
  }
}
