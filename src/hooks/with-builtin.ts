import type { CellStatus, PluginHandle, TenantPlugins } from '../../sandbox/index.ts'
import type { BuiltinVoter } from './builtin-voter.ts'

/** A tenant's plugins, and before them the broker's own voter. Both have a say, whoever comes first. */
export class WithBuiltin implements TenantPlugins {
  readonly plugins: readonly PluginHandle[]
  readonly #own: TenantPlugins

  constructor(own: TenantPlugins, builtin: BuiltinVoter) {
    this.#own = own
    this.plugins = [builtin, ...own.plugins]
  }

  get tenant(): string {
    return this.#own.tenant
  }

  get pid(): number | undefined {
    return this.#own.pid
  }

  get cell(): CellStatus {
    return this.#own.cell
  }

  get cpuMs(): number {
    return this.#own.cpuMs
  }

  get congested(): boolean {
    return this.#own.congested
  }

  measure(): void {
    this.#own.measure()
  }

  wake(): void {
    this.#own.wake()
  }

  settled(): Promise<void> {
    return this.#own.settled()
  }

  stop(): Promise<void> {
    return this.#own.stop()
  }
}
