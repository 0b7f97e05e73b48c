import type { HookName } from '../sdk/hooks.ts'

/** Every power a plugin can ask for. What is not named here is a load error. */
export const CAPABILITIES = [
  'log', 'publish', 'kv', 'fetch', 'timers', 'sessions', 'retained', 'subscriptions', 'subscribe', 'crypto',
  'metrics', 'access', 'query', 'ldap', 'brokerConfig', 'password', 'payload',
] as const // biome-ignore format: a table

export type CapabilityName = (typeof CAPABILITIES)[number]

/** `true`, or the attenuation asked for: `{ bytes: 65536 }`. */
export type CapabilityRequest = true | Readonly<Record<string, unknown>>

/** What a bundle says of itself, checked once and frozen into it. The broker trusts only this copy. */
export interface Manifest {
  readonly name: string
  readonly version: string
  /** The plugin API that the bundle was built against. */
  readonly api: 1
  readonly for: 'broker' | 'client'
  readonly hooks: readonly HookName[]
  /** A schema of the safe subset (SANDBOX.md §3.3); absent: the plugin takes no options. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly capabilities: Readonly<Partial<Record<CapabilityName, CapabilityRequest>>>
}
