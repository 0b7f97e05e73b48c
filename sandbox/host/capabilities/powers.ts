import type { CapabilityName } from '../../manifest/manifest.ts'
import type { PowerPorts } from '../host-ports.ts'
import { kvPower } from './kv.ts'
import { metricsPower } from './metrics.ts'
import type { Holder, Power } from './power.ts'
import { publishPower } from './publish.ts'
import { retainedPower } from './retained.ts'
import { sessionsPower } from './sessions.ts'
import { subscribePower } from './subscribe.ts'
import { subscriptionsPower } from './subscriptions.ts'

/** Opens a power in one plugin's hands, at the port that it works through. */
type Opener<Port extends keyof PowerPorts> = (holder: Holder, port: NonNullable<PowerPorts[Port]>) => Power

interface Entry {
  readonly port: keyof PowerPorts
  readonly open: (holder: Holder, ports: PowerPorts) => Power | undefined
}

const ENTRIES: Readonly<Partial<Record<CapabilityName, Entry>>> = {
  kv: at('kv', kvPower),
  publish: at('publish', publishPower),
  sessions: at('sessions', sessionsPower),
  retained: at('retained', retainedPower),
  subscriptions: at('subscriptions', subscriptionsPower),
  subscribe: at('subscribe', subscribePower),
  metrics: at('metric', metricsPower),
}

function at<Port extends keyof PowerPorts>(port: Port, open: Opener<Port>): Entry {
  return {
    port,
    open: (holder, ports) => {
      const found = ports[port]
      return found === undefined ? undefined : open(holder, found as NonNullable<PowerPorts[Port]>)
    },
  }
}

/** Opens the power of a capability; undefined for one that this broker does not serve. */
export function openPower(name: CapabilityName, holder: Holder, ports: PowerPorts): Power | undefined {
  return ENTRIES[name]?.open(holder, ports)
}

/** Whether a capability works through a port that is not there. */
export function lacksPort(name: CapabilityName, ports: PowerPorts): boolean {
  const entry = ENTRIES[name]
  return entry !== undefined && ports[entry.port] === undefined
}
