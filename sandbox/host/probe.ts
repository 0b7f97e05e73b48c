import { BulkheadError } from '../../src/base/errors.ts'
import { PROBED_BYTES, type SandboxLimits } from '../limits.ts'
import type { CodedManifest } from '../manifest/check-manifest.ts'
import type { Outcome } from '../outcome.ts'
import type { RawLoaded } from './answers.ts'
import { type CellOwner, CellProcess } from './cell-process.ts'
import { isObject } from './fields.ts'
import type { Jail } from './jail.ts'
import { LoadJob, type LoadSink } from './load-job.ts'
import { probeBody } from './load-settings.ts'
import { Positions } from './positions.ts'
import type { StartGate } from './start-gate.ts'
import type { Watch, Watched } from './watch.ts'

/** A plugin's code, to be asked what it declares. */
export interface Probed {
  readonly name: string
  readonly code: string
  readonly sourceMap: string
}

/** What probing needs of its host. */
export interface ProbeHost {
  readonly jail: Jail
  readonly program: string
  readonly gate: StartGate
  readonly watch: Watch
  nextEpoch(): number
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
  const loaded = await inTurn(host.gate, () => new ProbeCell(host, plugin, limits, fail).result)
  if (loaded.failure !== undefined) throw fail('threw', loaded.failure)
  const coded = readCoded(loaded.manifest)
  if (coded === undefined) throw fail('bad-verdict', 'its manifest is no plain data')
  return coded
}

/** Many plugins are prepared at once when a broker starts: their cells count among those that start. */
async function inTurn<T>(gate: StartGate, work: () => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => gate.enter(resolve))
  try {
    return await work()
  } finally {
    gate.leave()
  }
}

function readCoded(manifest: unknown): CodedManifest | undefined {
  if (!isObject(manifest)) return undefined
  const { values, functions } = manifest
  if (!isObject(values) || !Array.isArray(functions)) return undefined
  if (!functions.every((name): name is string => typeof name === 'string')) return undefined
  return { values, functions }
}

/** A cell for one question; it is killed as soon as there is an answer. */
class ProbeCell implements CellOwner, LoadSink, Watched {
  readonly #resolvers: PromiseWithResolvers<RawLoaded> = Promise.withResolvers<RawLoaded>()
  readonly #host: ProbeHost
  readonly #plugin: Probed
  readonly #limits: SandboxLimits
  readonly #fail: (outcome: Outcome, detail: string) => BulkheadError
  readonly #cell: CellProcess

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
    this.#cell = new CellProcess(this, {
      command: host.jail.command({ ...limits, isolates: 1, jit: false }),
      program: host.program,
      epoch: host.nextEpoch(),
      maxAnswerBytes: PROBED_BYTES,
    })
    host.watch.watch(this)
  }

  get result(): Promise<RawLoaded> {
    return this.#resolvers.promise
  }

  check(now: number, stallMs: number): boolean {
    this.#cell.forgive(stallMs)
    this.#cell.check(now)
    return this.#cell.jobs > 0
  }

  cellReady(cell: CellProcess): void {
    const { name, code } = this.#plugin
    const allowanceMs = 2 * this.#limits.activateMs + this.#limits.wallMs
    cell.submit(new LoadJob(this, 'probe', 1, 1, allowanceMs), probeBody(name, code, this.#limits))
    cell.send()
    this.#host.watch.watch(this)
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
    this.#cell.kill('done')
    return true
  }

  loadFailed(outcome: Outcome, detail: string): void {
    this.#resolvers.reject(this.#fail(outcome, detail))
    this.#cell.kill('done')
  }
}
