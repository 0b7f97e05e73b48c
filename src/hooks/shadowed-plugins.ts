import type { CellStatus, PluginHandle, TenantPlugins } from '../../sandbox/index.ts'
import { ShadowedPlugin } from './shadowed-plugin.ts'
import type { ShadowReport } from './shadow-report.ts'

/** A tenant's plugins, of which one has another version in its shadow. Whoever opened that one stops it. */
export class ShadowedPlugins implements TenantPlugins {
  readonly plugins: readonly PluginHandle[]
  readonly #live: TenantPlugins

  constructor(live: TenantPlugins, tried: PluginHandle, report: ShadowReport) {
    this.#live = live
    this.plugins = live.plugins.map((plugin) =>
      plugin.name === tried.name ? new ShadowedPlugin(plugin, tried, report) : plugin,
    )
  }

  get tenant(): string {
    return this.#live.tenant
  }

  get pid(): number | undefined {
    return this.#live.pid
  }

  get cell(): CellStatus {
    return this.#live.cell
  }

  get cpuMs(): number {
    return this.#live.cpuMs
  }

  get congested(): boolean {
    return this.#live.congested
  }

  measure(): void {
    this.#live.measure()
  }

  wake(): void {
    this.#live.wake()
  }

  settled(): Promise<void> {
    return this.#live.settled()
  }

  stop(): Promise<void> {
    return this.#live.stop()
  }
}
