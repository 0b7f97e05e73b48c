import { basename, resolve } from 'node:path'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { BulkheadError } from '../src/base/errors.ts'
import { TickEnd } from '../src/base/tick-end.ts'
import {
  type Asker,
  ASKERS,
  type AskerName,
  type BrokerConfigView,
  type CheckedVerdict,
  createPluginHost,
  DEFAULT_LIMITS,
  type HookName,
  type HostObserver,
  type LogLevel,
  type Outcome,
  type PluginHandle,
  type PluginHost,
  type PluginSource,
  type PowerPorts,
  type SandboxLimits,
  TELLERS,
  type TellerName,
  type TenantPlugins,
} from './index.ts'
import { CAPABILITIES } from './manifest/manifest.ts'
import { completeEvent, type HookEvents, type TestEvent, toWire } from './test-events.ts'
import { type Effect, testPorts } from './test-ports.ts'

export type { TestEvent } from './test-events.ts'
export type { Effect } from './test-ports.ts'
export { TestKv } from './test-kv.ts'

/** How to load a plugin for a test. */
export interface LoadOptions {
  /** The options, as the operator would write them under the plugin's path. */
  readonly config?: Readonly<Record<string, unknown>>
  /** `ctx.tenant`; default `test`. */
  readonly tenant?: string
  /** What the operator grants; default: all that the plugin asks for. */
  readonly capabilities?: PluginSource['allow']
  /** `ctx.brokerConfig`; default: no listeners, no settings. */
  readonly brokerConfig?: BrokerConfigView
  /** The operator's secrets for the plugin, by name. */
  readonly secrets?: Readonly<Record<string, string>>
  /**
   * What the broker would do for the plugin's powers. Default: a store in memory; nobody is connected,
   * nothing is retained, and `fetch` reaches nothing. Each one given takes the place of that default.
   */
  readonly ports?: PowerPorts
  /**
   * Limits of the broker's config, `{ softMs: 50 }` for one. Default: those of the broker, but with patient
   * clocks: a plugin has 2 s for what it computes, 10 s for a frame, 10 s for its activation and a minute for
   * what it awaits. A plugin that waits for its core on a busy machine is not what a test is to find; to find
   * out how long a hook takes, look at `micros`.
   */
  readonly limits?: Partial<SandboxLimits>
}

/** A line that the plugin logged. */
export interface LogLine {
  readonly level: LogLevel
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>> | undefined
}

/** How a hook that tells ended. */
export interface Told {
  /** `ok`, or how it failed. */
  readonly outcome: Outcome
  /** What went wrong, with the position in the plugin's source; '' if nothing did. */
  readonly detail: string
  readonly logs: readonly LogLine[]
  /** What left the plugin meanwhile, in its order: by this call, or by a timer that ran beside it. */
  readonly effects: readonly Effect[]
  /** From question to answer, both crossings of the wall included. */
  readonly micros: number
}

/** How a hook that asks ended, and what it answered. */
export interface Asked extends Told {
  /** There if and only if `outcome` is `ok`. */
  readonly verdict: CheckedVerdict | null
}

/** A plugin in a production cell: one method a hook, called with as much of the event as matters. */
export type LoadedPlugin = {
  readonly [Name in AskerName]: (event?: TestEvent<HookEvents[Name]>) => Promise<Asked>
} & {
  readonly [Name in TellerName]: (event?: TestEvent<HookEvents[Name]>) => Promise<Told>
} & {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<HookName>
  /** The next effect that belongs to no call: of `setup`, or of a timer that ran in between. */
  nextEffect(): Promise<Effect>
  /** Ends the cell. A test that forgets it does not end: `await using` does not forget. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The clocks alone: all that counts what a plugin does is as in production. */
const PATIENT_CLOCKS = {
  softMs: 2000,
  wallMs: 10_000,
  activateMs: 10_000,
  waitMs: { authenticate: 60_000, authorize: 60_000 },
} as const

/**
 * Loads a plugin as the broker would: built, probed, checked, and activated in a cell process of its own.
 *
 * @param folder of the plugin, or a `.bundle.json` file; relative to the working directory.
 * @throws BulkheadError what the broker would say at start: ERR_PLUGIN_BUILD, ERR_PLUGIN_CONFIG, …
 */
export async function loadPlugin(folder: string, options: LoadOptions = {}): Promise<LoadedPlugin> {
  const recorder = new Recorder()
  const { ports = {}, secrets = {} } = options
  const limits = { ...DEFAULT_LIMITS, ...PATIENT_CLOCKS, ...options.limits }
  const host = await createPluginHost({
    observer: recorder,
    ports: testPorts(ports, (effect) => recorder.happened(effect)),
    jail: 'auto',
    startWaitMs: START_WAIT_MS,
    tickEnd: new TickEnd(),
  })
  try {
    const path = resolve(folder)
    const prepared = await host.prepare(
      {
        name: basename(path),
        path,
        options: options.config ?? {},
        allow: options.capabilities ?? EVERYTHING,
        secrets,
      },
      limits,
    )
    const tenant = options.tenant ?? 'test'
    const { brokerConfig } = options
    const plugins = host.openTenant({
      tenant,
      plugins: [prepared],
      limits,
      jit: false,
      ...(brokerConfig === undefined ? {} : { brokerConfig }),
    })
    plugins.wake()
    await plugins.settled()
    return new TestBench(host, plugins, recorder).loaded()
  } catch (error) {
    await host.stop()
    throw error
  }
}

const START_WAIT_MS = 60_000
const EVERYTHING: PluginSource['allow'] = Object.fromEntries(
  CAPABILITIES.map((name) => [name, true as const]),
)

/** Keeps what the host says between two calls. */
class Recorder implements HostObserver {
  logs: LogLine[] = []
  outcome: Outcome = 'ok'
  detail = ''
  state = ''
  effects: Effect[] = []
  /** Effects of no call that nobody has asked for yet, or who waits for one that has not come. */
  #strays: Effect[] = []
  #waiting: ((effect: Effect) => void)[] = []
  #isCalling = false
  #fence = ''

  /** A hook that the plugin does not have: asking it is a fault, and none of the plugin's. */
  expectFaultOf(fence: AskerName): void {
    this.#fence = fence
  }

  pluginLog(
    _tenant: string,
    _plugin: string,
    level: LogLevel,
    text: string,
    fields: LogLine['fields'],
  ): void {
    this.logs.push({ level, text, fields })
  }
  pluginFaulted(_tenant: string, _plugin: string, hook: string, outcome: Outcome, detail: string): void {
    if (hook === this.#fence) return
    this.outcome = outcome
    this.detail = detail
  }
  /** Of a port that the test brings along, this is how its mistakes show. */
  powerBroke(_tenant: string, _plugin: string, power: string, detail: string): void {
    this.logs.push({ level: 'error', text: `ctx.${power} failed: ${detail}`, fields: undefined })
  }
  pluginState(_tenant: string, _plugin: string, _state: string, detail: string): void {
    this.state = detail
  }
  cellStarted(): void {}
  cellEnded(): void {}
  relieved(): void {}
  tellersDropped(): void {}
  audit(): void {}

  happened(effect: Effect): void {
    if (this.#isCalling) this.effects.push(effect)
    else {
      const next = this.#waiting.shift()
      if (next === undefined) this.#strays = [...this.#strays.slice(1 - MOST_STRAYS), effect]
      else next(effect)
    }
  }

  nextEffect(): Promise<Effect> {
    const stray = this.#strays.shift()
    return stray === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(stray)
  }

  /** A call begins. */
  begin(): void {
    this.logs = []
    this.effects = []
    this.outcome = 'ok'
    this.detail = ''
    this.#isCalling = true
  }

  /** It has ended, and so have its effects. */
  end(): Pick<Told, 'logs' | 'effects' | 'outcome' | 'detail'> {
    this.#isCalling = false
    const { logs, effects, outcome, detail } = this
    return { logs, effects, outcome, detail }
  }
}

/** A plugin whose timers nobody listens to must not fill the memory of a long test. */
const MOST_STRAYS = 1024

/** One call after the other, so that what is logged between belongs to the call. */
class TestBench {
  readonly #host: PluginHost
  readonly #plugin: PluginHandle
  readonly #recorder: Recorder
  /** See {@link TestBench.#tell}. */
  readonly #fence: AskerName
  #last: Promise<unknown> = Promise.resolve()

  constructor(host: PluginHost, tenant: TenantPlugins, recorder: Recorder) {
    const [plugin] = tenant.plugins
    if (plugin?.state !== 'active') {
      throw new BulkheadError(
        'ERR_PLUGIN_LOAD',
        `the plugin does not activate: ${recorder.detail || recorder.state}`,
      )
    }
    this.#host = host
    this.#plugin = plugin
    this.#recorder = recorder
    // there always is one: nobody may have topicFiltering beside the sharper hooks
    this.#fence = ASKERS.find((hook) => !plugin.hooks.has(hook)) ?? 'topicFiltering'
    recorder.expectFaultOf(this.#fence)
  }

  loaded(): LoadedPlugin {
    const { name, version, hooks } = this.#plugin
    const askers = ASKERS.map((hook) => [
      hook,
      (event?: object) => this.#inTurn(() => this.#ask(hook, event ?? {})),
    ])
    const tellers = TELLERS.map((hook) => [
      hook,
      (event?: object) => this.#inTurn(() => this.#tell(hook, event ?? {})),
    ])
    const methods = Object.fromEntries([...askers, ...tellers]) as Omit<
      LoadedPlugin,
      'name' | 'version' | 'hooks' | 'nextEffect' | 'close' | typeof Symbol.asyncDispose
    >
    const nextEffect = (): Promise<Effect> => this.#recorder.nextEffect()
    const close = (): Promise<void> => this.#host.stop()
    return { ...methods, name, version, hooks, nextEffect, close, [Symbol.asyncDispose]: close }
  }

  #inTurn<Ended>(call: () => Promise<Ended>): Promise<Ended> {
    const ended = this.#last.then(call)
    // the next call waits for this one however it ends; its own caller hears of a failure
    this.#last = ended.catch(() => undefined)
    return ended
  }

  async #ask(hook: AskerName, given: object): Promise<Asked> {
    this.#requireHook(hook)
    this.#recorder.begin()
    const startedAt = performance.now()
    const { outcome, verdict } = await this.#question(hook, completeEvent(hook, given))
    const micros = Math.round((performance.now() - startedAt) * 1000)
    await settledTurns()
    return { ...this.#recorder.end(), outcome, verdict, micros }
  }

  async #tell(hook: TellerName, given: object): Promise<Told> {
    this.#requireHook(hook)
    this.#recorder.begin()
    const startedAt = performance.now()
    const { client, ...event } = completeEvent(hook, given)
    const subject = client === undefined ? null : this.#host.subject(JSON.stringify(client))
    this.#plugin.tell(hook, subject, JSON.stringify(toWire(event)))
    // Nobody waits for a teller, so a test has to find out when it is done: once its frame has left, a
    // question is sent after it. A cell works through its frames in order, so the answer, whatever it is,
    // comes later.
    await nextTurn()
    await nextTurn()
    await this.#question(this.#fence, {})
    // unless it awaits powers: then it goes on beside the questions that come after it
    while (this.#plugin.isWaiting) await pause(WAITING_LOOK_MS)
    subject?.release()
    const micros = Math.round((performance.now() - startedAt) * 1000)
    await settledTurns()
    return { ...this.#recorder.end(), micros }
  }

  #question(hook: AskerName, whole: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { client, ...event } = whole
    const subject = client === undefined ? null : this.#host.subject(JSON.stringify(client))
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const asker: Asker = {
      answered: (_slot, outcome, verdict) => {
        subject?.release()
        resolve({ outcome, verdict })
      },
    }
    this.#plugin.ask(hook, subject, JSON.stringify(toWire(event)), asker, 0)
    return promise
  }

  #requireHook(hook: HookName): void {
    if (this.#plugin.hooks.has(hook)) return
    throw new Error(`the plugin has no ${hook}; it has ${[...this.#plugin.hooks].join(', ')}`)
  }
}

/** Log lines and faults are told in the turn of the answer; effects happen in turns of their own after it. */
async function settledTurns(): Promise<void> {
  for (let turn = 0; turn < EFFECT_TURNS; turn += 1) await nextTurn()
}

/** So many effects a call may have, if each of them took a turn: 16 metrics, 4 publishes. */
const EFFECT_TURNS = DEFAULT_LIMITS.logsPerCall + DEFAULT_LIMITS.publishesPerCall

const WAITING_LOOK_MS = 1

interface Answer {
  readonly outcome: Outcome
  readonly verdict: CheckedVerdict | null
}
