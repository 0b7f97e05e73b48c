import type { CapabilityName } from '../../manifest/manifest.ts'
import type { PowerPorts } from '../host-ports.ts'
import type { Holder, Power } from './power.ts'

export function openPower(_name: CapabilityName, _holder: Holder, _ports: PowerPorts): Power | undefined {
  return undefined
}
