import type { CapabilityName } from '../../manifest/manifest.ts'
import type { PowerPorts } from '../host-ports.ts'
import { accessPower } from './access.ts'
import type { CallBudget } from './call-budget.ts'
import { cryptoPower } from './crypto.ts'
import { fetchPower } from './fetch.ts'
import { loadJose } from './jwt.ts'
import { kvPower } from './kv.ts'
import { ldapPower } from './ldap.ts'
import { metricsPower } from './metrics.ts'
import type { Holder, Power } from './power.ts'
import { publishPower } from './publish.ts'
import { queryPower } from './query.ts'
import { retainedPower } from './retained.ts'
import { sessionsPower } from './sessions.ts'
import { subscribePower } from './subscribe.ts'
import { subscriptionsPower } from './subscriptions.ts'

/** What powers work through: the broker's ports, and what the plugins of one tenant share. */
export interface TenantPorts extends PowerPorts {
  readonly fetches: CallBudget
  /** Of databases and directories together. */
  readonly sourceCalls: CallBudget
}

interface Entry {
  /** Without it the power cannot be; undefined: it needs none. */
  readonly port: keyof PowerPorts | undefined
  readonly open: (holder: Holder, ports: TenantPorts) => Power | undefined
}

const ENTRIES: Readonly<Partial<Record<CapabilityName, Entry>>> = {
  kv: at('kv', kvPower),
  publish: at('publish', publishPower),
  sessions: at('sessions', sessionsPower),
  retained: at('retained', retainedPower),
  subscriptions: at('subscriptions', subscriptionsPower),
  subscribe: at('subscribe', subscribePower),
  access: at('access', accessPower),
  metrics: at('metric', metricsPower),
  fetch: at('egress', (holder, egress, { fetches }) => fetchPower(holder, egress, fetches)),
  query: at('query', (holder, port, { sourceCalls }) => queryPower(holder, port, sourceCalls)),
  ldap: at('ldap', (holder, port, { sourceCalls }) => ldapPower(holder, port, sourceCalls)),
  crypto: { port: undefined, open: (holder) => cryptoPower(holder) },
}

type Opener<Port extends keyof PowerPorts> = (
  holder: Holder,
  port: NonNullable<PowerPorts[Port]>,
  ports: TenantPorts,
) => Power

function at<Port extends keyof PowerPorts>(port: Port, open: Opener<Port>): Entry {
  return {
    port,
    open: (holder, ports) => {
      const found = ports[port]
      return found === undefined ? undefined : open(holder, found, ports)
    },
  }
}

/** What is loaded with the first plugin that asks for a capability, before anybody waits for it. */
const LOADED: Readonly<Partial<Record<CapabilityName, () => Promise<unknown>>>> = {
  crypto: loadJose,
}

/** Loads what these capabilities work with: a library takes longer than a broker's loop may stand still. */
export async function loadPowers(names: readonly CapabilityName[]): Promise<void> {
  for (const name of names) await LOADED[name]?.()
}

/** Opens the power of a capability; undefined for one that this broker does not serve. */
export function openPower(name: CapabilityName, holder: Holder, ports: TenantPorts): Power | undefined {
  return ENTRIES[name]?.open(holder, ports)
}

/** Whether a capability works through a port that is not there. */
export function lacksPort(name: CapabilityName, ports: PowerPorts): boolean {
  const port = ENTRIES[name]?.port
  return port !== undefined && ports[port] === undefined
}
