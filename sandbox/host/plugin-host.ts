import { assert } from '../../src/base/assert.ts'
import { BulkheadError, messageOf } from '../../src/base/errors.ts'
import { FairTurns } from '../../src/base/fair-turns.ts'
import { WORK_TURNS } from '../../src/base/limits.ts'
import type { TickEnd } from '../../src/base/tick-end.ts'
import { WorkTurns } from '../../src/base/work-turns.ts'
import type { Bundle } from '../bundle/bundle-format.ts'
import {
  CELLS_END_MS,
  IDLE_STOP_MS,
  POWER_TURN_MS,
  POWERS_WAITING,
  RENEWAL_MS,
  type SandboxLimits,
  START_QUEUE_MS,
} from '../limits.ts'
import { AuditTrail } from './audit-trail.ts'
import { PUBLIC_INTERNET } from './capabilities/egress.ts'
import { CellPool } from './cells/cell-pool.ts'
import { cellProgram } from './cells/cell-program.ts'
import { autoMaxCells } from './cells/max-cells.ts'
import { Watch } from './cells/watch.ts'
import type { CellCounts } from './counts.ts'
import type { BundleSource, Upload } from './bundle-source.ts'
import type {
  HostObserver,
  JailLayer,
  PluginHost,
  PluginSource,
  PowerPorts,
  PreparedPlugin,
  Subject,
  TenantPlugins,
  TenantSpec,
} from './host-ports.ts'
import { type Jail, type JailMode, raiseJail } from './jail.ts'
import { requireOpenFiles } from './jail/open-files.ts'
import { inspectUpload } from './plugins/inspect-upload.ts'
import { bundleOf, preparePlugin } from './plugins/prepare-plugin.ts'
import { Subjects } from './questions/subjects.ts'
import type { ProbeHost } from './plugins/probe.ts'
import { RecentBundles } from './plugins/recent-bundles.ts'
import { type CellHost, TenantCell } from './tenant-cell.ts'

export interface PluginHostOptions {
  readonly observer: HostObserver
  /** What powers need of the broker. Default: nothing, and no such power is granted. */
  readonly ports?: PowerPorts
  readonly jail: JailMode
  /** How long a question waits for a cell that starts, from when its start begins. */
  readonly startWaitMs: number
  /** How long it waits before, for other tenants' cells. Default: half a minute. */
  readonly startQueueMs?: number
  /** A cell without a question for this long is stopped. Default: 5 minutes. */
  readonly idleStopMs?: number
  /** A plugin's isolate is made anew for being full at most once in this time. Default: 10 s. */
  readonly renewalMs?: number
  /** Cells that wait, started, for the next tenant. Default: none. */
  readonly spareCells?: number
  /** Cells that run at once, spares included. Default: what this machine's memory holds. */
  readonly maxCells?: number | 'auto'
  /** The broker's turn: what one turn asked leaves in one frame a plugin. */
  readonly tickEnd: TickEnd
}

/**
 * Opens the plugin host: probes the jail, bundles the cell's program.
 *
 * @throws BulkheadError ERR_JAIL when the jail is `strict` and not whole; ERR_CELL when there is no program,
 * or no cell could open the files that it needs.
 */
export async function createPluginHost(options: PluginHostOptions): Promise<PluginHost> {
  requireOpenFiles()
  const [jail, program] = await Promise.all([raiseJail(options.jail), cellProgram().catch(noProgram)])
  return new Host(options, jail, program)
}

function noProgram(cause: unknown): never {
  throw new BulkheadError('ERR_CELL', `the cell's program cannot be bundled: ${messageOf(cause)}`, { cause })
}

class Host implements PluginHost {
  readonly jail: readonly JailLayer[]
  readonly #cells: CellHost & ProbeHost
  /** Undefined where plugins are prepared and nothing more: then none is refused for want of a port. */
  readonly #ports: PowerPorts | undefined
  readonly #subjects = new Subjects()
  /** Of one tenant there are two while one takes over from the other. */
  readonly #tenants: Set<TenantCell> = new Set()
  readonly #stopping = new AbortController()
  #epoch = 0

  constructor(options: PluginHostOptions, jail: Jail, program: string) {
    this.jail = jail.layers
    const ports = { egress: PUBLIC_INTERNET, ...options.ports }
    // without a broker behind it nothing is served, and a plugin is looked at all the same
    this.#ports = options.ports && ports
    const { maxCells = 'auto' } = options
    const watch = new Watch()
    const pool = new CellPool({
      jail,
      program,
      spareCells: options.spareCells ?? 0,
      maxCells: maxCells === 'auto' ? autoMaxCells() : maxCells,
      watch,
      turns: new WorkTurns(WORK_TURNS),
      nextEpoch: () => {
        this.#epoch += 1
        return this.#epoch
      },
    })
    this.#cells = {
      observer: options.observer,
      ports,
      turns: new FairTurns(POWER_TURN_MS, POWERS_WAITING),
      audit: new AuditTrail(options.observer),
      pool,
      stopping: this.#stopping.signal,
      bundles: new RecentBundles(),
      startWaitMs: options.startWaitMs,
      startQueueMs: options.startQueueMs ?? START_QUEUE_MS,
      idleStopMs: options.idleStopMs ?? IDLE_STOP_MS,
      renewalMs: options.renewalMs ?? RENEWAL_MS,
      watch,
      tickEnd: options.tickEnd,
    }
  }

  get cells(): CellCounts {
    return this.#cells.pool.counts
  }

  prepare(source: PluginSource, limits: SandboxLimits): Promise<PreparedPlugin> {
    return preparePlugin(this.#cells, source, limits, this.#ports)
  }

  bundle(source: BundleSource, limits: SandboxLimits): Promise<Bundle> {
    return bundleOf(this.#cells, source, limits)
  }

  inspect(name: string, upload: Upload, limits: SandboxLimits): Promise<Bundle> {
    return inspectUpload(this.#cells, name, upload, limits)
  }

  openTenant(spec: TenantSpec): TenantPlugins {
    assert(
      spec.plugins.length <= spec.limits.plugins,
      `tenant ${spec.tenant} has at most ${spec.limits.plugins} plugins`,
    )
    const cell = new TenantCell(this.#cells, spec)
    // those that have ended by themselves are nobody's any more
    for (const each of this.#tenants) if (each.isStopped) this.#tenants.delete(each)
    this.#tenants.add(cell)
    return cell
  }

  subject(json: string, source: string = ''): Subject {
    return this.#subjects.add(json, source)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const tenants = [...this.#tenants]
    this.#tenants.clear()
    const { pool } = this.#cells
    // cells are ended by a process that may hang itself
    const impatience = setTimeout(() => pool.kill(), CELLS_END_MS)
    await Promise.all(tenants.map((tenant) => tenant.stop()))
    // spares, and what is being probed
    await pool.stop()
    clearTimeout(impatience)
    this.#cells.audit.stop()
  }
}
