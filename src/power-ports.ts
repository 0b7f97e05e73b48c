import type { PowerPorts } from '../sandbox/index.ts'
import { tenantBehind } from './base/shadow-name.ts'
import type { TenantServices } from './protocol/plugin-services.ts'

/**
 * What plugins' powers do in the protocol, each for the tenant of who uses it.
 *
 * @param of undefined for a tenant that is not, or no longer, there: its plugins find nothing, and change
 * nothing.
 */
export function powerPorts(of: (tenant: string) => TenantServices | undefined): PowerPorts {
  // a version that is tried looks at what is there, and changes nothing: of it there are no services
  const seen = (tenant: string): TenantServices | undefined => of(tenantBehind(tenant))
  return {
    publish: (tenant, plugin, publication) => of(tenant)?.publisher.publish(plugin, publication) ?? false,
    sessions: {
      get: (tenant, clientId) => seen(tenant)?.view.session(clientId),
      list: async (tenant, after, limit) => seen(tenant)?.view.sessions(after, limit) ?? [],
    },
    retained: {
      get: async (tenant, topic, payloadBytes) => seen(tenant)?.view.retained(topic, payloadBytes),
      list: async (tenant, filter, limit, payloadBytes) =>
        seen(tenant)?.view.retainedMatching(filter, limit, payloadBytes) ?? [],
    },
    subscriptions: {
      ofClient: (tenant, clientId, limit) => seen(tenant)?.view.subscriptionsOf(clientId, limit) ?? [],
      matching: async (tenant, topic, limit) => seen(tenant)?.view.subscriptionsMatching(topic, limit) ?? [],
    },
    subscribe: async (tenant, plugin, clientId, filter, qos) =>
      of(tenant)?.subscriber.subscribe(plugin, clientId, filter, qos) ?? null,
    access: {
      invalidate: async (tenant, plugin, what) => of(tenant)?.access.takeBack(plugin, what) ?? 'busy',
    },
  }
}
