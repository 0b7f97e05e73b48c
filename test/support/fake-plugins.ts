import type {
  Asker,
  AskerName,
  CheckedVerdict,
  HookName,
  Origin,
  Outcome,
  PluginHandle,
  Subject,
  TellerName,
  TenantPlugins,
} from '../../sandbox/index.ts'
import { PluginCounters } from '../../sandbox/host/plugins/plugin-counters.ts'
import { type HookSettings, TenantHooks } from '../../src/hooks/tenant-hooks.ts'

/** One question that a fake plugin was asked, to be answered when the test says so. */
export class Asked {
  readonly hook: AskerName
  readonly subject: Subject | null
  /** The event's text, as it would cross. */
  readonly text: string
  readonly origin: Origin | undefined
  readonly #asker: Asker
  readonly #slot: number
  #answered = false

  constructor(
    hook: AskerName,
    subject: Subject | null,
    text: string,
    asker: Asker,
    slot: number,
    origin?: Origin,
  ) {
    this.hook = hook
    this.origin = origin
    this.subject = subject
    this.text = text
    this.#asker = asker
    this.#slot = slot
  }

  get event(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.text) as Record<string, unknown>
  }

  /** As the host does it: once a question, with a verdict if and only if the call ended in `ok`. */
  answer(reply: Reply): void {
    if (this.#answered) throw new Error('a question is answered once')
    this.#answered = true
    if (typeof reply === 'string') this.#asker.answered(this.#slot, reply, null)
    else this.#asker.answered(this.#slot, 'ok', reply)
  }
}

/** A verdict, or how the call failed. */
export type Reply = CheckedVerdict | Exclude<Outcome, 'ok'>

/** What a plugin was told. */
export interface Told {
  readonly hook: TellerName
  readonly subject: Subject | null
  readonly event: unknown
  /** There where the event comes from a plugin's message. */
  readonly origin?: Origin
}

/** A plugin without a cell: what it is asked waits here, or is answered within the question by `reply`. */
export class FakePlugin implements PluginHandle {
  readonly isWaiting = false
  readonly isIdle = true
  readonly name: string
  readonly version = '1.0.0'
  readonly state = 'active'
  readonly counts = new PluginCounters()
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PluginHandle['capabilities']
  readonly asked: Asked[] = []
  untold = 0
  readonly told: Told[] = []
  reply: Reply | null = null

  constructor(name: string, hooks: readonly HookName[], capabilities: PluginHandle['capabilities'] = {}) {
    this.name = name
    this.hooks = new Set(hooks)
    this.capabilities = capabilities
  }

  ask(
    hook: AskerName,
    subject: Subject | null,
    event: string,
    asker: Asker,
    slot: number,
    origin?: Origin,
  ): void {
    const asked = new Asked(hook, subject, event, asker, slot, origin)
    this.asked.push(asked)
    if (this.reply !== null) asked.answer(this.reply)
  }

  askPublish(
    subject: Subject,
    topic: string,
    qos: 0 | 1 | 2,
    retain: boolean,
    asker: Asker,
    slot: number,
  ): void {
    this.ask('authorizePublish', subject, `{"topic":${topic},"qos":${qos},"retain":${retain}}`, asker, slot)
  }

  tell(hook: TellerName, subject: Subject | null, event: string, origin?: Origin): void {
    this.told.push({ hook, subject, event: JSON.parse(event), ...(origin && { origin }) })
  }

  leaveUntold(count: number): void {
    this.untold += count
  }

  /** The question asked as the `place`th, from 0. */
  question(place: number): Asked {
    const asked = this.asked[place]
    if (asked === undefined) throw new Error(`${this.name} was asked ${this.asked.length} questions`)
    return asked
  }
}

/** A tenant's plugins; `pid` and `congested` are as a test sets them. */
export class FakeTenantPlugins implements TenantPlugins {
  readonly tenant = 'acme'
  readonly plugins: readonly PluginHandle[]
  readonly cell = 'asleep'
  pid: number | undefined
  congested = false
  cpuMs = 0
  stopped = false

  constructor(plugins: readonly PluginHandle[]) {
    this.plugins = plugins
  }

  wake(): void {
    // there is no cell to be started
  }

  measure(): void {
    // there is no cell to be looked at
  }

  settled(): Promise<void> {
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.stopped = true
    return Promise.resolve()
  }
}

/** The hooks of a tenant with these plugins. */
export function hooksOf(plugins: readonly PluginHandle[], settings: Partial<HookSettings> = {}): TenantHooks {
  return new TenantHooks(new FakeTenantPlugins(plugins), {
    onFault: {},
    payloadBytes: 1024,
    topicDefault: 'allow',
    ...settings,
  })
}
