import { SAMPLE_MS, type SandboxLimits } from '../../limits.ts'
import type { CellProcess } from './cell-process.ts'
import { CpuShare } from './cpu-share.ts'
import { cpuTimeMs } from './cpu-time.ts'
import { processTree } from './process-tree.ts'
import { residentMiB } from './resident-memory.ts'

/** Looks, now and then while a tenant's cell is busy, at what it takes: memory, and time of the processor. */
export class CellMeter {
  readonly #rssMiB: number
  readonly #phaseMs: number
  /** Undefined: the tenant may use all that there is. */
  readonly #share: CpuShare | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  /** Of which process the time was counted, and how far. */
  #epoch = 0
  #countedMs = 0
  #cpuMs = 0
  #overdrawnSince: number | undefined
  /** What each plugin's frames took since the tenant's share is used up, by instance. */
  readonly #workedMs: Map<number, number> = new Map()

  /**
   * @param phaseMs in which part of each SAMPLE_MS it looks: a hundred cells that woke up together must not
   * all be looked at together ever after.
   */
  constructor(
    limits: Pick<SandboxLimits, 'rssMiB' | 'cpuShare'>,
    now: number = performance.now(),
    phaseMs = 0,
  ) {
    this.#rssMiB = limits.rssMiB
    this.#phaseMs = phaseMs
    if (Number.isFinite(limits.cpuShare)) this.#share = new CpuShare(limits.cpuShare, now)
  }

  /** Since when the share is used up, in ms of `performance.now`: the cell gets nothing new to do. */
  get overdrawnSince(): number | undefined {
    return this.#overdrawnSince
  }

  /** What all its cells have used of the processor, in ms, as far as it was looked at. */
  get cpuMs(): number {
    return this.#cpuMs
  }

  /** Looks at the time alone, whether its turn to be looked at has come or not. */
  measure(cell: Pick<CellProcess, 'pid' | 'epoch'> | undefined, now: number): void {
    if (cell?.pid !== undefined) this.#count(cpuTimeMs(cell.pid), cell.epoch, now)
  }

  /** A frame of this plugin took so long. */
  worked(instance: number, ms: number): void {
    if (this.#share !== undefined) this.#workedMs.set(instance, (this.#workedMs.get(instance) ?? 0) + ms)
  }

  /** @returns whether the cell takes more memory than it may. */
  look(cell: Pick<CellProcess, 'pid' | 'epoch'> | undefined, now: number): boolean {
    if (now - this.#lookedAt < SAMPLE_MS) return false
    this.#lookedAt = now - ((now + this.#phaseMs) % SAMPLE_MS)
    const pid = cell?.pid
    const tree = pid === undefined ? undefined : processTree(pid)
    if (cell !== undefined && pid !== undefined) this.#count(cpuTimeMs(pid, tree), cell.epoch, now)
    this.#compare(now)
    return pid !== undefined && (residentMiB(pid, tree) ?? 0) > this.#rssMiB
  }

  /** How long the share has been used up, but for short pauses, in ms. */
  hungryForMs(now: number): number {
    return this.#share?.hungryForMs(now) ?? 0
  }

  /** The plugin, by instance, whose frames took longest since the share is used up. */
  hungriest(): number {
    let [hungriest, mostMs] = [0, -1]
    for (const [instance, ms] of this.#workedMs) {
      if (ms > mostMs) [hungriest, mostMs] = [instance, ms]
    }
    return hungriest
  }

  /** Whose fault it was has been found: the others start over. */
  forgive(): void {
    this.#share?.forgive()
    this.#workedMs.clear()
  }

  #count(usedMs: number | undefined, epoch: number, now: number): void {
    if (usedMs === undefined) return
    if (epoch !== this.#epoch) this.#countedMs = 0
    this.#epoch = epoch
    const more = Math.max(0, usedMs - this.#countedMs)
    this.#cpuMs += more
    this.#share?.use(more, now)
    this.#countedMs = usedMs
  }

  #compare(now: number): void {
    const share = this.#share
    if (share === undefined) return
    const isOverdrawn = share.isOverdrawn(now)
    if (share.hungryForMs(now) === 0 && !isOverdrawn) this.#workedMs.clear()
    this.#overdrawnSince = isOverdrawn ? (this.#overdrawnSince ?? now) : undefined
  }
}
