import type {
  Asker,
  AskerName,
  Origin,
  PluginHandle,
  TellerName,
  TenantPlugins,
} from '../../sandbox/index.ts'
import { PACKETS_TOLD_KIB_A_TURN } from '../base/limits.ts'
import { TurnBudget } from '../base/turn-budget.ts'
import type { Message } from '../codec/message.ts'
import type { GrantValues } from '../router/fill-filter.ts'
import { type GrantRule, GrantTree } from '../router/grant-tree.ts'
import type { Client } from '../session/client.ts'
import { messageText, payloadText, publishText, quoted, topicFilteringText } from './event-text.ts'
import { type FailurePolicy, NOBODY_ALLOWED } from './failure-policy.ts'
import { type Action, messageInquiry } from './inquiry.ts'
import { ALLOW } from './merge-verdicts.ts'
import type { PublishQuestion } from './publish-question.ts'
import type { AskedPlugin } from './question.ts'
import { BUILTIN } from './builtin-voter.ts'
import { type Advance, Standing, standingOf } from './standing.ts'
import type { Allow, Verdict } from './verdict.ts'
import { VerdictMemory } from './verdict-memory.ts'

/** One plugin that is told of something. */
interface Listener {
  readonly plugin: PluginHandle
  readonly seesPayload: boolean
}

/** One plugin that is asked at one occasion, by its sharp hook or by the general `topicFiltering`. */
export interface Voter extends AskedPlugin, Listener {
  readonly plugin: PluginHandle
  /** False: it has given this client grants, and declares no hook that could be asked beyond them. */
  readonly declares: boolean
}

/** One plugin's own allow in `authenticate`: a merged one no longer says whose grants they are. */
export interface GivenGrants {
  readonly plugin: string
  readonly allow: Pick<Allow, 'grants' | 'cacheTag' | 'attributes'>
  /** When it was asked, on the monotonic clock in ms; absent: just now. */
  readonly askedAt?: number
  /** It is what the plugin said before, and was not asked about again. */
  readonly stands?: boolean
}

/** Of a message that a plugin published: who that was, and how many plugins led to it. */
export type Cause = Pick<Message, 'hops' | 'plugin'>

/** What is decided: each has its voters, and where there are none the tenant's default answers. */
export type Occasion = 'authenticate' | 'publish' | 'subscribe' | 'unsubscribe' | 'receive'

const HOOKS_OF: Readonly<Record<Occasion, readonly AskerName[]>> = {
  authenticate: ['authenticate'],
  publish: ['authorizePublish', 'topicFiltering'],
  subscribe: ['authorizeSubscribe', 'topicFiltering'],
  unsubscribe: ['authorizeUnsubscribe'],
  receive: ['authorizeReceive', 'topicFiltering'],
}

export interface HookSettings {
  /** By plugin name. */
  readonly onFault: Readonly<Record<string, FailurePolicy>>
  /** Payloads above this do not cross. */
  readonly payloadBytes: number
  /** What publish, subscribe and receive are answered where nobody decides. */
  readonly topicDefault: 'allow' | 'deny'
  /** What the broker itself grants whoever comes. Default: nothing, plugins alone decide. */
  readonly rulesOf?: ((username: string | undefined) => readonly GrantRule[]) | undefined
}

/**
 * The hooks of one tenant's plugins: who is asked at each occasion and who is told of each event. A hook that
 * a plugin declares stays declared while it loads, faults or is quarantined: nothing opens by a crash.
 */
export class TenantHooks {
  readonly authenticate: readonly Voter[]
  readonly publish: readonly Voter[]
  readonly subscribe: readonly Voter[]
  /** Where nobody is to be asked, whoever subscribed may leave, whatever the default. */
  readonly unsubscribe: readonly Voter[]
  readonly receive: readonly Voter[]
  /** In the declared order, which is the order in which they change a message. */
  readonly transform: readonly Voter[]
  readonly will: readonly Voter[]
  readonly payloadBytes: number
  /** The answer where nobody is to be asked. */
  readonly byDefault: Verdict
  /** Some client was given grants about receiving: they have to be looked at wherever somebody receives. */
  hasGranted = false
  /** What is remembered of the tenant's clients. */
  memory: VerdictMemory = new VerdictMemory()
  /** What packets may cost that plugins are told of, in bytes. */
  readonly packetsTold: TurnBudget = new TurnBudget(PACKETS_TOLD_KIB_A_TURN * 1024)
  /** Bytes that transforms have put into messages which have not gone out; counted by who transforms. */
  transformedBytes = 0
  /** Bytes of sent packets that wait to be told of; counted by who tells. */
  sentWaiting = 0
  readonly #listeners: ReadonlyMap<TellerName, readonly Listener[]>
  /** By occasion and granters: as many as there are sets of plugins that give grants together. */
  readonly #votersByGranters = new Map<string, readonly Voter[]>()
  readonly #plugins: TenantPlugins
  readonly #rulesOf: HookSettings['rulesOf']

  constructor(plugins: TenantPlugins, settings: HookSettings) {
    this.#plugins = plugins
    this.#rulesOf = settings.rulesOf
    this.payloadBytes = settings.payloadBytes
    this.byDefault = settings.topicDefault === 'allow' ? ALLOW : NOBODY_ALLOWED
    const voters = (hooks: readonly AskerName[]): readonly Voter[] =>
      plugins.plugins.flatMap((plugin) =>
        hooks
          .filter((hook) => plugin.hooks.has(hook))
          .map((hook) => ({
            plugin,
            hook,
            declares: true,
            seesPayload: plugin.capabilities.payload !== undefined,
            onFault: settings.onFault[plugin.name] ?? {},
          })),
      )
    this.authenticate = voters(HOOKS_OF.authenticate)
    this.publish = voters(HOOKS_OF.publish)
    this.subscribe = voters(HOOKS_OF.subscribe)
    this.unsubscribe = voters(HOOKS_OF.unsubscribe)
    this.receive = voters(HOOKS_OF.receive)
    this.transform = voters(['transformMessage'])
    this.will = voters(['authorizeWill'])
    this.#listeners = listenersOf(plugins.plugins)
  }

  /** True while the tenant's question queue is too long: its sockets are not read until it is relieved. */
  get congested(): boolean {
    return this.#plugins.congested
  }

  /** The cell's process, or undefined while none runs. */
  get pid(): number | undefined {
    return this.#plugins.pid
  }

  /** What its cells have used of the processor, in ms, as far as that was looked at. */
  get cpuMs(): number {
    return this.#plugins.cpuMs
  }

  /** Looks at what its cell has used of the processor by now. */
  measure(): void {
    this.#plugins.measure()
  }

  /** In the declared order. */
  get plugins(): readonly PluginHandle[] {
    return this.#plugins.plugins
  }

  /** True where a plugin listens to `hook`: spares making an event that nobody hears. */
  hears(hook: TellerName): boolean {
    return this.#listeners.has(hook)
  }

  /** Takes over from the hooks of before what is the clients', who stay. */
  succeed({ hasGranted, memory }: TenantHooks): void {
    this.hasGranted = hasGranted
    this.memory = memory
  }

  /**
   * How a client stands when its connection begins: with what plugins granted it.
   *
   * @param values what the placeholders of the grants stand for.
   * @param before how it stood until now, where it is renewed.
   */
  newStanding(
    given: readonly GivenGrants[],
    values: Omit<GrantValues, 'tenant'>,
    before?: Standing,
  ): Standing {
    const standing = new Standing(this.memory)
    const { tenant } = this.#plugins
    for (const { plugin, allow, askedAt, stands = false } of given) {
      if (allow.grants === undefined) continue
      // what the plugin itself said of the client comes first: no other plugin fills in its grants
      const attributes = { ...values.attributes, ...allow.attributes }
      const tree = new GrantTree(allow.grants, { ...values, tenant, attributes })
      standing.grant(plugin, tree, allow.cacheTag, askedAt)
      // what a plugin has taken back does not return because another one was asked again
      if (stands && before?.hasLostGrants(plugin)) standing.takeBack(plugin, null)
      if (tree.names('receive')) this.hasGranted = true
    }
    const rules = this.#rulesOf?.(values.username)
    if (rules !== undefined) {
      standing.grant(BUILTIN, new GrantTree(rules, { ...values, tenant }))
      this.hasGranted = true
    }
    standing.forgetOutdated(values.clientId)
    return standing
  }

  /** Whether a client's publish has to wait for plugins. */
  decidesPublish(client: Client): boolean {
    return this.publish.length > 0 || this.transform.length > 0 || !client.standing.isEmpty
  }

  /** Who changes a message, in this order; never the plugin that published it. */
  transformersOf({ plugin }: Cause): readonly Voter[] {
    return plugin === '' ? this.transform : this.transform.filter((each) => each.plugin.name !== plugin)
  }

  /** Asks one plugin what is to become of a message. */
  askTransform(
    { plugin, seesPayload }: Voter,
    client: Client,
    message: Message,
    asker: Asker,
    slot: number,
  ): void {
    const event = this.#publishEvent('transformMessage', seesPayload, message)
    plugin.ask('transformMessage', client.subject, event, asker, slot, originOf(message))
  }

  /**
   * Who is asked about a client's subscriptions.
   *
   * @param cause the plugin that makes the subscription: it is not asked.
   */
  subscribeVoters(client: Client, cause?: Cause): readonly Voter[] {
    return this.#votersOf('subscribe', client, cause?.plugin)
  }

  /** Whether anybody has a say in who of the tenant receives what. */
  get decidesReceive(): boolean {
    return this.receive.length > 0 || this.hasGranted
  }

  /** Who has a say in what a client receives. */
  receiveVoters(client: Client): readonly Voter[] {
    return client.standing.isEmpty ? this.receive : this.#votersOf('receive', client, undefined)
  }

  /** Asks all who have a say; of a plugin's own message, all but that plugin. */
  askPublish(question: PublishQuestion): void {
    const { client, message } = question
    const { subject, standing } = client
    const voters =
      standing.isEmpty && message.plugin === ''
        ? this.publish
        : this.#votersOf('publish', client, message.plugin)
    if (voters.length === 0) return question.settleBy(this.byDefault)
    const origin = originOf(message)
    question.expect(voters)
    const topic = quoted(message.topic)
    // most messages are a topic and two flags to a plugin: these cross in fewer bytes than an event
    const isShort = subject !== null && message.propertyBuffer === null && origin === undefined
    for (let slot = 0; slot < voters.length; slot++) {
      const voter = voters[slot] as Voter
      const { plugin, hook, seesPayload } = voter
      const known: Advance | null = standing.isEmpty
        ? null
        : standingOf(client).answerOf(voter, messageInquiry('publish', message))
      if (known !== null) question.foreseen(slot, known)
      else if (isShort && !seesPayload && hook === 'authorizePublish') {
        plugin.askPublish(subject, topic, message.qos, message.retain, question, slot)
      } else plugin.ask(hook, subject, this.#publishEvent(hook, seesPayload, message), question, slot, origin)
    }
  }

  /** Who declares a hook for it, and who has given this client grants; but for the plugin that causes it. */
  #votersOf(occasion: Action, client: Client, but: string | undefined): readonly Voter[] {
    const granters = standingOf(client).grantersOf(occasion)
    const all = granters.length === 0 ? this[occasion] : this.#withGranters(occasion, granters)
    return but === undefined || but === '' ? all : all.filter(({ plugin }) => plugin.name !== but)
  }

  #withGranters(occasion: Action, granters: readonly string[]): readonly Voter[] {
    const key = `${occasion}\n${granters.join('\n')}`
    const known = this.#votersByGranters.get(key)
    if (known !== undefined) return known
    const declared = this[occasion]
    const others = this.plugins
      .filter(({ name }) => granters.includes(name) && !declared.some(({ plugin }) => plugin.name === name))
      .map((plugin) => ({
        plugin,
        hook: HOOKS_OF[occasion][0] as AskerName,
        declares: false,
        seesPayload: false,
        onFault: NO_POLICY,
      }))
    const voters = [...declared, ...others]
    this.#votersByGranters.set(key, voters)
    return voters
  }

  #publishEvent(hook: AskerName, seesPayload: boolean, message: Message): string {
    if (hook === 'topicFiltering') return topicFilteringText(message.topic, 'publish', message.qos)
    const bare = publishText(message)
    return seesPayload ? bare + payloadText(message, this.payloadBytes) : `${bare}}`
  }

  /**
   * Tells all plugins that listen; `text` is made once for those that see payloads, once for the others.
   *
   * @param cause the plugin's message that it is about: that plugin is not told, or it would answer itself.
   */
  tell(hook: TellerName, client: Client | null, text: (seesPayload: boolean) => string, cause?: Cause): void {
    const origin = cause && originOf(cause)
    let bare: string | undefined
    let full: string | undefined
    for (const { plugin, seesPayload } of this.#listeners.get(hook) ?? []) {
      if (plugin.name === cause?.plugin) continue
      const event = seesPayload ? (full ??= text(true)) : (bare ??= text(false))
      plugin.tell(hook, client?.subject ?? null, event, origin)
    }
  }

  /** Counts what nobody was told, as if it had not fit into the queue of each that listens. */
  leaveUntold(hook: TellerName, count: number): void {
    for (const { plugin } of this.#listeners.get(hook) ?? []) plugin.leaveUntold(count)
  }

  /** `onBrokerMessageReceived`, `…Broadcast`, `onBrokerRetainedMessage`. */
  tellMessage(hook: TellerName, client: Client | null, message: Message, rest = ''): void {
    if (!this.hears(hook)) return
    const text = (seesPayload: boolean): string =>
      `{"message":${messageText(message, seesPayload ? this.payloadBytes : -1)}${rest}}`
    this.tell(hook, client, text, message)
  }

  stop(): Promise<void> {
    return this.#plugins.stop()
  }
}

/** Where a question about a message comes from; most messages are no plugin's. */
export function originOf({ hops }: Pick<Cause, 'hops'>): Origin | undefined {
  return hops === 0 ? undefined : { hops }
}

const NO_POLICY: FailurePolicy = Object.freeze({})

function listenersOf(plugins: readonly PluginHandle[]): Map<TellerName, Listener[]> {
  const listeners = new Map<TellerName, Listener[]>()
  for (const plugin of plugins) {
    const listener = { plugin, seesPayload: plugin.capabilities.payload !== undefined }
    for (const hook of plugin.hooks) {
      if (!hook.startsWith('on')) continue
      const name = hook as TellerName
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
    }
  }
  return listeners
}
