import type { AskerName, Origin, PluginHandle, TellerName, TenantPlugins } from '../../sandbox/index.ts'
import { PACKETS_TOLD_KIB_A_TURN } from '../base/limits.ts'
import { TurnBudget } from '../base/turn-budget.ts'
import type { Message } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { messageText, payloadText, publishText, quoted, topicFilteringText } from './event-text.ts'
import type { FailurePolicy } from './failure-policy.ts'
import type { AskedPlugin, Question } from './question.ts'

/** One plugin that is told of something. */
interface Listener {
  readonly plugin: PluginHandle
  readonly seesPayload: boolean
}

/** One plugin that is asked at one occasion, by its sharp hook or by the general `topicFiltering`. */
export interface Voter extends AskedPlugin, Listener {}

/** Of a message that a plugin published: who that was, and how many plugins led to it. */
export type Cause = Pick<Message, 'hops' | 'plugin'>

/** What is decided: each has its voters, and where there are none the tenant's default answers. */
export type Occasion = 'authenticate' | 'publish' | 'subscribe' | 'receive'

const HOOKS_OF: Readonly<Record<Occasion, readonly AskerName[]>> = {
  authenticate: ['authenticate'],
  publish: ['authorizePublish', 'topicFiltering'],
  subscribe: ['authorizeSubscribe', 'topicFiltering'],
  receive: ['authorizeReceive', 'topicFiltering'],
}

export interface HookSettings {
  /** By plugin name. */
  readonly onFault: Readonly<Record<string, FailurePolicy>>
  /** Payloads above this do not cross. */
  readonly payloadBytes: number
}

/**
 * The hooks of one tenant's plugins: who is asked at each occasion and who is told of each event. A hook that
 * a plugin declares stays declared while it loads, faults or is quarantined: nothing opens by a crash.
 */
export class TenantHooks {
  readonly authenticate: readonly Voter[]
  readonly publish: readonly Voter[]
  readonly subscribe: readonly Voter[]
  readonly receive: readonly Voter[]
  readonly payloadBytes: number
  /** What packets may cost that plugins are told of, in bytes. */
  readonly packetsTold: TurnBudget = new TurnBudget(PACKETS_TOLD_KIB_A_TURN * 1024)
  /** Bytes of sent packets that wait to be told of; counted by who tells. */
  sentWaiting = 0
  readonly #listeners: ReadonlyMap<TellerName, readonly Listener[]>
  readonly #plugins: TenantPlugins

  constructor(plugins: TenantPlugins, settings: HookSettings) {
    this.#plugins = plugins
    this.payloadBytes = settings.payloadBytes
    const voters = (hooks: readonly AskerName[]): readonly Voter[] =>
      plugins.plugins.flatMap((plugin) =>
        hooks
          .filter((hook) => plugin.hooks.has(hook))
          .map((hook) => ({
            plugin,
            hook,
            seesPayload: plugin.capabilities.payload !== undefined,
            onFault: settings.onFault[plugin.name] ?? {},
          })),
      )
    this.authenticate = voters(HOOKS_OF.authenticate)
    this.publish = voters(HOOKS_OF.publish)
    this.subscribe = voters(HOOKS_OF.subscribe)
    this.receive = voters(HOOKS_OF.receive)
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

  /** In the declared order. */
  get plugins(): readonly PluginHandle[] {
    return this.#plugins.plugins
  }

  /** True where a plugin listens to `hook`: spares making an event that nobody hears. */
  hears(hook: TellerName): boolean {
    return this.#listeners.has(hook)
  }

  /** Who is asked about a publish: of a plugin's own, all but that plugin. */
  publishVoters({ plugin }: Cause): readonly Voter[] {
    return plugin === '' ? this.publish : others(this.publish, plugin)
  }

  /** Who is asked about a subscription that a plugin makes for a client. */
  subscribeVoters({ plugin }: Cause): readonly Voter[] {
    return others(this.subscribe, plugin)
  }

  askPublish(question: Question, client: Client, message: Message): void {
    const voters = this.publishVoters(message)
    const origin = originOf(message)
    question.expect(voters)
    const { subject } = client
    const topic = quoted(message.topic)
    // most messages are a topic and two flags to a plugin: these cross in fewer bytes than an event
    const isShort = subject !== null && message.propertyBuffer === null && origin === undefined
    for (let slot = 0; slot < voters.length; slot++) {
      const { plugin, hook, seesPayload } = voters[slot] as Voter
      if (isShort && !seesPayload && hook === 'authorizePublish') {
        plugin.askPublish(subject, topic, message.qos, message.retain, question, slot)
      } else plugin.ask(hook, subject, this.#publishEvent(hook, seesPayload, message), question, slot, origin)
    }
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

function others(voters: readonly Voter[], name: string): readonly Voter[] {
  return voters.filter(({ plugin }) => plugin.name !== name)
}

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
