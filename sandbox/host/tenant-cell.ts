import type { FairTurns } from '../../src/base/fair-turns.ts'
import type { Flushable, TickEnd } from '../../src/base/tick-end.ts'
import { CLOSE_MS, FRAMES_UNDER_WAY } from '../limits.ts'
import { FetchBudget } from './capabilities/fetch-budget.ts'
import type { TenantPorts } from './capabilities/powers.ts'
import { type CellOwner, CellProcess } from './cell-process.ts'
import type { HostObserver, PluginHandle, PowerPorts, TenantPlugins, TenantSpec } from './host-ports.ts'
import type { Jail } from './jail.ts'
import { LivePlugin, type PluginHome } from './live-plugin.ts'
import { maxAnswerBytes } from './load-settings.ts'
import { PerSecond } from './per-second.ts'
import { Respawn } from './respawn.ts'
import type { StartGate } from './start-gate.ts'
import type { Watch, Watched } from './watch.ts'

/** What all tenants of a host share. */
export interface CellHost {
  readonly observer: HostObserver
  readonly ports: PowerPorts
  /** Capability calls begin in turns, tenant by tenant: what one asks for delays nobody else. */
  readonly turns: FairTurns
  readonly jail: Jail
  readonly program: string
  readonly startWaitMs: number
  readonly gate: StartGate
  readonly watch: Watch
  readonly tickEnd: TickEnd
  nextEpoch(): number
}

/** The plugins of one tenant and the cell they live in: starts it, feeds it once a turn, starts it again. */
export class TenantCell implements TenantPlugins, CellOwner, PluginHome, Flushable, Watched {
  readonly spec: TenantSpec
  readonly lineBudget: PerSecond
  readonly ports: TenantPorts
  readonly #host: CellHost
  readonly #plugins: readonly LivePlugin[]
  readonly #respawn = new Respawn()
  readonly #retries: Map<LivePlugin, NodeJS.Timeout> = new Map()
  #cell: CellProcess | undefined
  /** Whether the present cell has said hello: until then it holds a place in the gate. */
  #greeted = false
  #respawnTimer: NodeJS.Timeout | undefined
  /** Whose turn it is to send: no plugin starves another. */
  #turn = 0
  #dirty = false
  /** Somebody saw `congested` and waits for its end. */
  #congestionSeen = false
  #stopping: PromiseWithResolvers<void> | undefined
  #settling: (() => void)[] = []

  constructor(host: CellHost, spec: TenantSpec) {
    this.#host = host
    this.spec = spec
    this.lineBudget = new PerSecond(spec.limits.logsPerSec)
    this.ports = { ...host.ports, fetches: new FetchBudget(spec.limits.fetchConcurrent) }
    this.#plugins = spec.plugins.map((plugin, index) => new LivePlugin(this, plugin, index + 1))
    if (this.#isSettled()) return
    this.#start()
  }

  get isStopped(): boolean {
    return this.#stopping !== undefined
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

  inTurn<Result>(work: () => Result): Promise<Result> | undefined {
    return this.#host.turns.run(this.tenant, work)
  }

  get startWaitMs(): number {
    return this.#host.startWaitMs
  }

  get pid(): number | undefined {
    return this.#cell?.pid
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

  settled(): Promise<void> {
    if (this.#isSettled()) return Promise.resolve()
    return new Promise((resolve) => this.#settling.push(resolve))
  }

  async stop(): Promise<void> {
    this.#stopping ??= Promise.withResolvers<void>()
    clearTimeout(this.#respawnTimer)
    for (const timer of this.#retries.values()) clearTimeout(timer)
    this.#retries.clear()
    this.#host.gate.withdraw(this.#spawn)
    const cell = this.#cell
    for (const plugin of this.#plugins) plugin.stop(cell?.isReady === true ? cell : undefined)
    this.pluginSettled()
    if (cell === undefined) return this.#closed()
    cell.send()
    if (!cell.isReady || cell.jobs === 0) cell.kill(STOPPED)
    const tooLong = setTimeout(() => cell.kill(STOPPED), CLOSE_MS)
    await this.#stopping.promise
    clearTimeout(tooLong)
    this.#closed()
  }

  #closed(): void {
    for (const plugin of this.#plugins) plugin.close()
  }

  wake(): void {
    if (this.#dirty) return
    this.#dirty = true
    this.#host.tickEnd.add(this)
  }

  /** One frame a plugin and turn, as many as may be under way, one write. */
  flush(): void {
    this.#dirty = false
    const cell = this.#cell
    if (cell?.isReady === true) this.#feed(cell)
    this.#relieve()
    if (this.#isBusy()) this.#host.watch.watch(this)
  }

  check(now: number, stallMs: number): boolean {
    if (stallMs > 0) this.#cell?.forgive(stallMs)
    this.#cell?.check(now)
    for (const plugin of this.#plugins) plugin.expire(now)
    this.#relieve()
    return this.#isBusy()
  }

  reload(plugin: LivePlugin): void {
    const cell = this.#cell
    if (cell === undefined || cell.isStopped) return
    plugin.load(cell)
    cell.send()
  }

  retry(plugin: LivePlugin, delayMs: number): void {
    const again = (): void => {
      this.#retries.delete(plugin)
      if (this.#greeted) this.reload(plugin)
      this.wake()
    }
    this.#retries.set(plugin, setTimeout(again, delayMs))
  }

  pluginSettled(): void {
    if (!this.#isSettled()) return
    for (const resolve of this.#settling) resolve()
    this.#settling = []
  }

  cellReady(cell: CellProcess): void {
    this.#greeted = true
    this.#host.gate.leave()
    this.observer.cellStarted(this.tenant, cell.pid ?? 0, performance.now() - cell.startedAt)
    // one that failed a moment ago may take the cell along again: it waits for its own time
    for (const plugin of this.#plugins) if (!this.#retries.has(plugin)) plugin.load(cell)
    cell.send()
  }

  cellAnswered(cell: CellProcess): void {
    if (this.#stopping === undefined) this.wake()
    else if (cell.jobs === 0) cell.kill(STOPPED)
  }

  cellEnded(cell: CellProcess, reason: string): void {
    this.#cell = undefined
    this.observer.cellEnded(this.tenant, cell.pid ?? 0, reason)
    for (const plugin of this.#plugins) plugin.cellEnded()
    if (!this.#greeted) {
      this.#host.gate.leave()
      for (const plugin of this.#plugins) plugin.cellFailed(reason)
    }
    if (this.#stopping !== undefined) return this.#stopping.resolve()
    const delayMs = this.#respawn.failed(performance.now())
    if (delayMs === 0) this.#start()
    else this.#respawnTimer = setTimeout(() => this.#start(), delayMs)
    this.wake()
  }

  #start(): void {
    this.#host.gate.enter(this.#spawn)
  }

  readonly #spawn = (): void => {
    const { limits, plugins, jit } = this.spec
    const bounds = { dataMiB: limits.dataMiB, rssMiB: limits.rssMiB, isolates: plugins.length, jit }
    this.#greeted = false
    this.#cell = new CellProcess(this, {
      command: this.#host.jail.command(bounds),
      program: this.#host.program,
      epoch: this.#host.nextEpoch(),
      maxAnswerBytes: maxAnswerBytes(limits),
    })
    this.wake()
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
    cell.send()
  }

  #isBusy(): boolean {
    if (this.#cell !== undefined && this.#cell.jobs > 0) return true
    return this.#plugins.some((plugin) => plugin.isWaiting)
  }

  #isSettled(): boolean {
    return this.#plugins.every((plugin) => plugin.state !== 'loading')
  }

  #relieve(): void {
    if (!this.#congestionSeen || this.congested) return
    this.#congestionSeen = false
    this.observer.relieved(this.tenant)
  }
}

const STOPPED = 'stopped'
