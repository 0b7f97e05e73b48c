import { BulkheadError } from '../../../src/base/errors.ts'
import { PROBED_BYTES, type SandboxLimits } from '../../limits.ts'
import type { CodedManifest } from '../../manifest/check-manifest.ts'
import type { Outcome } from '../../outcome.ts'
import { boundsOf } from '../cells/cell-bounds.ts'
import type { CellHolder, CellPool } from '../cells/cell-pool.ts'
import type { CellProcess } from '../cells/cell-process.ts'
import type { Watch, Watched } from '../cells/watch.ts'
import { isObject } from '../fields.ts'
import type { CellBounds } from '../jail.ts'
import type { RawLoaded } from '../questions/answers.ts'
import { LoadJob, type LoadSink } from './load-job.ts'
import { probeBody } from './load-settings.ts'
import { Positions } from './positions.ts'
import type { RecentBundles } from './recent-bundles.ts'

/** A plugin's code, to be asked what it declares. */
export interface Probed {
  readonly name: string
  readonly code: string
  readonly sourceMap: string
}

/** What probing needs of its host. */
export interface ProbeHost {
  readonly pool: CellPool
  readonly watch: Watch
  /** Builds end with it. */
  readonly stopping: AbortSignal
  /** What was built before, and holds. */
  readonly bundles: RecentBundles
}

/**
 * Evaluates a plugin's code in a throw-away cell and reads what it declares.
 *
 * @throws BulkheadError ERR_PLUGIN_LOAD, ERR_CELL
 */
export async function probe(host: ProbeHost, plugin: Probed, limits: SandboxLimits): Promise<CodedManifest> {
  const positions = new Positions(plugin.sourceMap)
  const fail = (outcome: Outcome, detail: string): BulkheadError =>
    new BulkheadError(
      'ERR_PLUGIN_LOAD',
      `plugin ${plugin.name} does not load: ${outcome}: ${positions.mapText(detail)}`,
    )
  const loaded = await new ProbeCell(host, plugin, limits, fail).load()
  if (loaded.failure !== undefined) throw fail('threw', loaded.failure)
  const coded = readCoded(loaded.manifest)
  if (coded === undefined) throw fail('bad-verdict', 'its manifest is no plain data')
  return coded
}

function readCoded(manifest: unknown): CodedManifest | undefined {
  if (!isObject(manifest)) return undefined
  const { values, functions } = manifest
  if (!isObject(values) || !Array.isArray(functions)) return undefined
  if (!functions.every((name): name is string => typeof name === 'string')) return undefined
  return { values, functions }
}

/** A cell for one question; it is killed as soon as there is an answer. */
class ProbeCell implements CellHolder, LoadSink, Watched {
  /** It ends by itself, and soon. */
  readonly mayYield: boolean = false
  readonly idleSince: undefined = undefined
  readonly bounds: CellBounds
  readonly maxAnswerBytes: number
  readonly #resolvers: PromiseWithResolvers<RawLoaded> = Promise.withResolvers<RawLoaded>()
  readonly #host: ProbeHost
  readonly #plugin: Probed
  readonly #limits: SandboxLimits
  readonly #fail: (outcome: Outcome, detail: string) => BulkheadError
  #cell: CellProcess | undefined

  constructor(
    host: ProbeHost,
    plugin: Probed,
    limits: SandboxLimits,
    fail: (outcome: Outcome, detail: string) => BulkheadError,
  ) {
    this.#host = host
    this.#plugin = plugin
    this.#limits = limits
    this.#fail = fail
    this.bounds = boundsOf(limits, false)
    this.maxAnswerBytes = PROBED_BYTES
  }

  load(): Promise<RawLoaded> {
    if (!this.#host.pool.request(this)) this.cellDenied()
    return this.#resolvers.promise
  }

  check(now: number, stallMs: number): boolean {
    const cell = this.#cell
    cell?.forgive(stallMs)
    cell?.check(now)
    return cell !== undefined && cell.jobs > 0
  }

  cellGiven(cell: CellProcess): void {
    this.#cell = cell
  }

  cellDenied(): void {
    this.#resolvers.reject(
      new BulkheadError('ERR_CELL', `${this.#plugin.name} is not read: stopped, or too many wait for a cell`),
    )
  }

  /** It is asked once: nobody is politer. */
  useMs(): number {
    return 0
  }

  yieldCell(): void {
    // it is never asked to
  }

  cellReady(cell: CellProcess): void {
    const { name, code } = this.#plugin
    const allowanceMs = 2 * this.#limits.activateMs + this.#limits.wallMs
    cell.submit(new LoadJob(this, 'probe', 1, 1, allowanceMs), probeBody(name, code, this.#limits))
    cell.send()
    this.#host.watch.watch(this)
  }

  cellWorked(): void {
    // it is nobody's time
  }

  cellAnswered(): void {
    // `loaded` and `loadFailed` say it
  }

  cellEnded(_cell: CellProcess, reason: string): void {
    const error = new BulkheadError('ERR_CELL', `the cell that reads ${this.#plugin.name} ended: ${reason}`)
    this.#resolvers.reject(error)
  }

  loaded(loaded: RawLoaded): boolean {
    this.#resolvers.resolve(loaded)
    this.#cell?.kill('done')
    return true
  }

  loadFailed(outcome: Outcome, detail: string): void {
    this.#resolvers.reject(this.#fail(outcome, detail))
    this.#cell?.kill('done')
  }
}
