import type { FairTurns } from '../../src/base/fair-turns.ts'
import type { Flushable, TickEnd } from '../../src/base/tick-end.ts'
import { CPU_OVERDRAWN_MS, FRAMES_UNDER_WAY, SAMPLE_MS } from '../limits.ts'
import type { AuditTrail } from './audit-trail.ts'
import { CallBudget } from './capabilities/call-budget.ts'
import type { TenantPorts } from './capabilities/powers.ts'
import { boundsOf } from './cells/cell-bounds.ts'
import { CellLease, type Tenancy } from './cells/cell-lease.ts'
import { CellMeter } from './cells/cell-meter.ts'
import type { CellPool } from './cells/cell-pool.ts'
import type { CellProcess } from './cells/cell-process.ts'
import type { Watch, Watched } from './cells/watch.ts'
import type {
  CellStatus,
  HostObserver,
  PluginHandle,
  PowerPorts,
  TenantPlugins,
  TenantSpec,
} from './host-ports.ts'
import type { CellBounds } from './jail.ts'
import { PerSecond } from './per-second.ts'
import { LivePlugin } from './plugins/live-plugin.ts'
import { maxAnswerBytes } from './plugins/load-settings.ts'
import type { Patience, PluginHome } from './plugins/plugin-home.ts'

/** What all tenants of a host share. */
export interface CellHost {
  readonly observer: HostObserver
  readonly ports: PowerPorts
  /** Capability calls begin in turns, tenant by tenant: what one asks for delays nobody else. */
  readonly turns: FairTurns
  readonly audit: AuditTrail
  readonly pool: CellPool
  readonly startWaitMs: number
  readonly startQueueMs: number
  readonly idleStopMs: number
  readonly renewalMs: number
  readonly watch: Watch
  readonly tickEnd: TickEnd
}

/** The plugins of one tenant and the cell they live in, if it is awake: feeds it once a turn. */
export class TenantCell implements TenantPlugins, Tenancy, PluginHome<LivePlugin>, Flushable, Watched {
  readonly spec: TenantSpec
  readonly lineBudget: PerSecond
  readonly bounds: CellBounds
  readonly ports: TenantPorts
  readonly #host: CellHost
  readonly #plugins: readonly LivePlugin[]
  readonly #lease: CellLease
  readonly #meter: CellMeter
  /** Plugins that are not to be loaded before their time. */
  readonly #retries: Map<LivePlugin, NodeJS.Timeout> = new Map()
  /** Whose turn it is to send: no plugin starves another. */
  #turn = 0
  #dirty = false
  /** A cell is to be there at the end of this turn. */
  #wanted = false
  #stopped = false
  /** Somebody saw `congested` and waits for its end. */
  #congestionSeen = false
  #settling: (() => void)[] = []

  constructor(host: CellHost, spec: TenantSpec) {
    this.#host = host
    this.spec = spec
    this.lineBudget = new PerSecond(spec.limits.logsPerSec)
    this.bounds = boundsOf(spec.limits, spec.jit)
    this.#meter = new CellMeter(spec.limits, performance.now(), Math.random() * SAMPLE_MS)
    const { fetchConcurrent, fetchesPerSec, sourceCallsConcurrent, sourceCallsPerSec } = spec.limits
    this.ports = {
      ...host.ports,
      fetches: new CallBudget('fetches', fetchConcurrent, fetchesPerSec),
      sourceCalls: new CallBudget('questions to sources', sourceCallsConcurrent, sourceCallsPerSec),
    }
    this.#plugins = spec.plugins.map((plugin, index) => new LivePlugin(this, plugin, index + 1))
    this.#lease = new CellLease(this, host.pool, host.idleStopMs)
    if (this.#sleepers) host.pool.expect(this.bounds)
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  get tenant(): string {
    return this.spec.tenant
  }

  get plugins(): readonly PluginHandle[] {
    return this.#plugins
  }

  get observer(): HostObserver {
    return this.#host.observer
  }

  get audit(): AuditTrail {
    return this.#host.audit
  }

  get renewalMs(): number {
    return this.#host.renewalMs
  }

  inTurn<Result>(work: () => Result): Promise<Result> | undefined {
    return this.#host.turns.run(this.tenant, work)
  }

  get pid(): number | undefined {
    return this.#lease.pid
  }

  get cell(): CellStatus {
    return this.#lease.status
  }

  get cpuMs(): number {
    return this.#meter.cpuMs
  }

  measure(): void {
    this.#meter.measure(this.#lease.awake, performance.now())
  }

  get maxAnswerBytes(): number {
    return maxAnswerBytes(this.spec.limits)
  }

  get isHeld(): boolean {
    return this.#isOverdrawn || this.#lease.isYielding
  }

  get congested(): boolean {
    // asked with every packet: a plain loop
    for (const plugin of this.#plugins) {
      if (!plugin.congested) continue
      this.#congestionSeen = true
      return true
    }
    return false
  }

  get isIdle(): boolean {
    return this.#plugins.every((plugin) => plugin.isIdle)
  }

  get keepsCell(): boolean {
    return this.#plugins.some((plugin) => plugin.keepsCell)
  }

  get isAtWork(): boolean {
    return this.#plugins.some((plugin) => plugin.isAtWork)
  }

  settled(): Promise<void> {
    if (this.#isSettled()) return Promise.resolve()
    return new Promise((resolve) => this.#settling.push(resolve))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#retries.values()) clearTimeout(timer)
    this.#retries.clear()
    for (const plugin of this.#plugins) plugin.stop(this.#lease.serving)
    this.pluginSettled()
    await this.#lease.stop()
    for (const plugin of this.#plugins) plugin.close()
  }

  wake(): void {
    if (this.#lease.status === 'asleep' && this.#sleepers && !this.#stopped) this.#wanted = true
    this.#touch()
  }

  /** One frame a plugin and turn, as many as may be under way, one write. */
  flush(): void {
    this.#dirty = false
    if (this.#wanted) this.#want()
    const cell = this.#lease.serving
    if (cell?.isReady === true) this.#feed(cell)
    this.#lease.leaveIfDone()
    this.#relieve()
    if (this.#isBusy()) this.#host.watch.watch(this)
  }

  check(now: number, stallMs: number): boolean {
    const cell = this.#lease.awake
    if (stallMs > 0) cell?.forgive(stallMs)
    cell?.check(now)
    this.#measure(cell, now)
    const [start, share] = [this.#startPatience(), this.#sharePatience()]
    for (const plugin of this.#plugins) plugin.expire(now, start, share)
    this.#lease.leaveIfDone()
    this.#giveUpIfIdle(now)
    this.#relieve()
    return this.#isBusy()
  }

  reload(plugin: LivePlugin): void {
    const cell = this.#lease.serving
    if (cell === undefined || cell.isStopped) return
    plugin.load(cell)
    cell.send()
  }

  drop(plugin: LivePlugin): void {
    const cell = this.#lease.serving
    if (cell === undefined || cell.isStopped) return
    plugin.unload(cell)
    cell.send()
  }

  retry(plugin: LivePlugin, delayMs: number): void {
    clearTimeout(this.#retries.get(plugin))
    const again = (): void => {
      this.#retries.delete(plugin)
      plugin.readmit()
      this.reload(plugin)
      this.#touch()
    }
    // never the reason for a process to stay alive
    this.#retries.set(plugin, setTimeout(again, delayMs).unref())
  }

  pluginSettled(): void {
    if (!this.#isSettled()) return
    for (const resolve of this.#settling) resolve()
    this.#settling = []
  }

  cellReady(cell: CellProcess, waitedMs: number): void {
    this.observer.cellStarted(this.tenant, cell.pid ?? 0, waitedMs)
    // one that failed a moment ago may take the cell along again: it waits for its own time
    for (const plugin of this.#plugins) if (!this.#retries.has(plugin)) plugin.load(cell)
    cell.send()
    this.#touch()
  }

  cellWorked(instance: number, ms: number): void {
    this.#meter.worked(instance, ms)
    const plugin = this.#plugins[instance - 1]
    if (plugin !== undefined) plugin.counts.workedMs += ms
  }

  cellAnswered(): void {
    this.#touch()
  }

  cellEnded(cell: CellProcess, reason: string, served: boolean, resting: boolean): void {
    this.observer.cellEnded(this.tenant, cell.pid ?? 0, reason)
    for (const plugin of this.#plugins) {
      plugin.cellEnded()
      if (!served) plugin.cellFailed(reason)
    }
    // what came while it was being closed
    if (resting && !this.isIdle) this.wake()
    this.#touch()
  }

  cellRefused(): void {
    this.#forgetRetries()
    for (const plugin of this.#plugins) plugin.refuse('all cells that this machine may run are at work')
    this.pluginSettled()
  }

  rest(cell: CellProcess): void {
    this.#meter.measure(cell, performance.now())
    this.#forgetRetries()
    for (const plugin of this.#plugins) plugin.rest(cell)
  }

  #want(): void {
    this.#wanted = false
    if (!this.#lease.want()) return this.cellRefused()
    for (const plugin of this.#plugins) plugin.awaken()
    this.pluginSettled()
  }

  #touch(): void {
    if (this.#dirty) return
    this.#dirty = true
    this.#host.tickEnd.add(this)
  }

  #feed(cell: CellProcess): void {
    const plugins = this.#plugins
    const now = performance.now()
    let idle = 0
    while (cell.jobs < FRAMES_UNDER_WAY && idle < plugins.length) {
      const plugin = plugins[this.#turn] as LivePlugin
      this.#turn = (this.#turn + 1) % plugins.length
      idle = plugin.submitFrame(cell, now) ? 0 : idle + 1
    }
    if (cell.jobs > 0) this.#lease.used(now)
    cell.send()
  }

  /** A cell above its memory is ended; a tenant above its share waits, and goes on when it is paid back. */
  #measure(cell: CellProcess | undefined, now: number): void {
    const wasOverdrawn = this.#isOverdrawn
    const isTooLarge = this.#meter.look(cell, now)
    if (isTooLarge) cell?.kill(`it takes more memory than rssMiB: ${this.spec.limits.rssMiB}`, 'memory')
    if (this.#isOverdrawn && this.#meter.hungryForMs(now) >= CPU_OVERDRAWN_MS) {
      const { cpuShare } = this.spec.limits
      const reason = `it kept its tenant above cpuShare: ${cpuShare} for ${CPU_OVERDRAWN_MS / 1000} s`
      this.#plugins[this.#meter.hungriest() - 1]?.quarantine(reason)
      this.#meter.forgive()
    }
    if (wasOverdrawn && !this.#isOverdrawn) this.#touch()
  }

  get #isOverdrawn(): boolean {
    return this.#meter.overdrawnSince !== undefined
  }

  /** Waiting for others is one thing, and waiting for its own start another: honest tenants may be many. */
  #startPatience(): Patience {
    const { queuedSince, begunAt } = this.#lease
    if (queuedSince === undefined) return { since: begunAt, ms: this.#host.startWaitMs, outcome: 'loading' }
    return { since: 0, ms: this.#host.startQueueMs, outcome: 'overload' }
  }

  #sharePatience(): Patience | undefined {
    const since = this.#meter.overdrawnSince
    return since === undefined ? undefined : { since, ms: this.#host.startWaitMs, outcome: 'throttled' }
  }

  /** A place for which nobody waits any more is left to others. */
  #giveUpIfIdle(now: number): void {
    const { queuedSince } = this.#lease
    if (queuedSince === undefined || now - queuedSince < this.#host.startQueueMs) return
    if (this.isIdle) this.#lease.giveUp()
  }

  /** What does not activate is tried again when it is asked again; a quarantine goes on. */
  #forgetRetries(): void {
    for (const [plugin, timer] of this.#retries) {
      if (plugin.state !== 'failed') continue
      clearTimeout(timer)
      this.#retries.delete(plugin)
    }
  }

  #isBusy(): boolean {
    const cell = this.#lease.awake
    if ((cell !== undefined && cell.jobs > 0) || this.#lease.queuedSince !== undefined) return true
    // a share that is overdrawn is not waited for by who has stopped: the broker's process would not end
    const pays = this.#isOverdrawn && !this.#stopped
    return pays || this.#plugins.some((plugin) => plugin.isWaiting)
  }

  /** Whether there is anything that a cell could be started for. */
  get #sleepers(): boolean {
    return this.#plugins.some((plugin) => plugin.state === 'asleep')
  }

  #isSettled(): boolean {
    return !this.#wanted && this.#plugins.every((plugin) => plugin.state !== 'loading')
  }

  #relieve(): void {
    if (!this.#congestionSeen || this.congested) return
    this.#congestionSeen = false
    this.observer.relieved(this.tenant)
  }
}
