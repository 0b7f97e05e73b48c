import type { PluginPublication, PowerPorts } from './index.ts'
import { TestKv } from './test-kv.ts'

/** What a plugin did outside of itself. */
export type Effect =
  | ({ readonly capability: 'publish' } & PluginPublication)
  | {
      readonly capability: 'metrics'
      readonly kind: 'count' | 'gauge'
      readonly name: string
      readonly value: number
    }
  | {
      readonly capability: 'subscribe'
      readonly clientId: string
      readonly filter: string
      readonly qos: 0 | 1 | 2
    }

/**
 * What stands in for the broker in a test: a store in memory, and else nobody there. No session is connected,
 * nothing is retained, no name leads anywhere. A test that wants more brings its own ports.
 *
 * @param happened is told of each effect, whoever serves it.
 */
export function testPorts(own: PowerPorts, happened: (effect: Effect) => void): PowerPorts {
  return {
    egress: NOWHERE,
    kv: new TestKv(),
    ...NOBODY,
    ...own,
    publish: (tenant, plugin, publication) => {
      happened({ capability: 'publish', ...publication })
      return own.publish?.(tenant, plugin, publication) ?? true
    },
    subscribe: async (tenant, plugin, clientId, filter, qos) => {
      happened({ capability: 'subscribe', clientId, filter, qos })
      return (await own.subscribe?.(tenant, plugin, clientId, filter, qos)) ?? null
    },
    metric: (tenant, plugin, kind, name, value) => {
      happened({ capability: 'metrics', kind, name, value })
      own.metric?.(tenant, plugin, kind, name, value)
    },
  }
}

/** A test does not depend on what answers in the internet today. */
const NOWHERE: NonNullable<PowerPorts['egress']> = {
  lookup: () => Promise.resolve([]),
  isAllowed: () => false,
  timeoutMs: 1000,
}

const NO_SOURCE = { failure: 'unavailable', why: 'the test gave no source for it' } as const

const NOBODY: PowerPorts = {
  sessions: { get: () => undefined, list: () => Promise.resolve([]) },
  retained: { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
  subscriptions: { ofClient: () => [], matching: () => Promise.resolve([]) },
  query: { run: () => Promise.resolve(NO_SOURCE) },
  ldap: { search: () => Promise.resolve(NO_SOURCE), bind: () => Promise.resolve(NO_SOURCE) },
  access: { invalidate: () => Promise.resolve({ verdicts: 0, grants: 0, subscriptions: [], more: 0 }) },
}
