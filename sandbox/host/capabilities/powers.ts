import type { CapabilityName } from '../../manifest/manifest.ts'
import type { PowerPorts } from '../host-ports.ts'
import { kvPower } from './kv.ts'
import type { Holder, Power } from './power.ts'

/** Opens a power in one plugin's hands; undefined: what it needs is not there. */
type Opener = (holder: Holder, ports: PowerPorts) => Power | undefined

const OPENERS: Readonly<Partial<Record<CapabilityName, Opener>>> = {
  kv: (holder, { kv }) => kv && kvPower(holder, kv),
}

/** Opens the power of a capability; undefined for one that this broker does not serve. */
export function openPower(name: CapabilityName, holder: Holder, ports: PowerPorts): Power | undefined {
  return OPENERS[name]?.(holder, ports)
}
