import type { CapabilityName } from '../../manifest/manifest.ts'
import type { Holder, Power } from '../capabilities/power.ts'
import { openPower, type TenantPorts } from '../capabilities/powers.ts'
import { TimersPower } from '../capabilities/timers.ts'
import type { PreparedPlugin, TenantSpec } from '../host-ports.ts'

/** The powers that one plugin was granted, opened for it alone. */
export class PluginPowers {
  readonly #byName: Map<string, Power> = new Map()
  readonly #timers: TimersPower | undefined
  /** Timers that are due and have not run yet: one that comes due again meanwhile runs once. */
  readonly #due = new Set<number>()

  /** @param due a timer of the plugin's is due; false: there is no room for it now. */
  constructor(
    { tenant, limits }: TenantSpec,
    { name, capabilities, secrets }: PreparedPlugin,
    ports: TenantPorts,
    due: (timer: number) => boolean,
  ) {
    const seesPayload = capabilities.payload !== undefined
    for (const [capability, grant] of Object.entries(capabilities)) {
      const holder: Holder = { tenant, plugin: name, grant, limits, seesPayload, secrets }
      const power = openPower(capability as CapabilityName, holder, ports)
      if (power !== undefined) this.#byName.set(capability, power)
    }
    if (capabilities.timers !== undefined) {
      this.#timers = new TimersPower((timer) => {
        if (this.#due.has(timer)) return true
        const taken = due(timer)
        if (taken) this.#due.add(timer)
        return taken
      })
      this.#byName.set('timers', this.#timers)
    }
  }

  get byName(): ReadonlyMap<string, Power> {
    return this.#byName
  }

  /** While timers run, the plugin's cell must not fall asleep. */
  get keepAwake(): boolean {
    return this.#timers !== undefined && this.#timers.count > 0
  }

  timerRan(timer: number): void {
    this.#due.delete(timer)
  }

  /** The isolate is gone; the next one starts its own timers. */
  isolateGone(): void {
    this.#timers?.close()
    this.#due.clear()
  }

  close(): void {
    for (const power of this.#byName.values()) power.close?.()
  }
}
