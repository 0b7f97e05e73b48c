import { randomBytes } from 'node:crypto'
import {
  type CellCounts,
  createPluginHost,
  type HostObserver,
  type JailLayer,
  type PluginHost,
} from '../sandbox/index.ts'
import { type ControlSocket, openControlSocket } from './admin/control-socket.ts'
import type { ControlPorts } from './admin/routes.ts'
import { emptied } from './base/emptied.ts'
import { BulkheadError } from './base/errors.ts'
import {
  DECISIONS_LISTED,
  PREPARED_AT_ONCE,
  STOP_GRACE_MS,
  TOPIC_NAMES_KEPT,
  WORK_TURNS,
} from './base/limits.ts'
import { mapInTurn } from './base/map-in-turn.ts'
import { isShadow } from './base/shadow-name.ts'
import { Startup } from './base/startup.ts'
import { TickEnd } from './base/tick-end.ts'
import { TimerWheel } from './base/timer-wheel.ts'
import { VERSION } from './base/version.ts'
import { WorkTurns } from './base/work-turns.ts'
import type { Message } from './codec/message.ts'
import { TopicNames } from './codec/topic-names.ts'
import type { BrokerConfig } from './config/broker-config.ts'
import { DEPRECATED, modernForm } from './config/modern-form.ts'
import { deliver } from './delivery/deliver.ts'
import type { AuditFilter, AuditRecord, Engine, EnginePorts, Ticket } from './engine/engine.ts'
import type { ConfigInput } from './config/load-config.ts'
import { entranceOf } from './entrance.ts'
import type { HostedTenants } from './hosted-tenants.ts'
import { hostObserver } from './host-observer.ts'
import { type PreparedPlugins, preparePlugins } from './hooks/prepare-plugins.ts'
import { type BrokerLog, brokerLog } from './observe/broker-log.ts'
import { type BrokerStatus, Health } from './observe/health.ts'
import { type Decision, type DecisionFilter, DecisionJournal } from './observe/decision-journal.ts'
import { LogTails, tailedLog } from './observe/log-tail.ts'
import { type ListenerLog, listenerLog } from './observe/listener-log.ts'
import type { Log } from './observe/log.ts'
import { type PluginMetric, PluginMetrics } from './observe/plugin-metrics.ts'
import type { BrokerState } from './observe/start-lines.ts'
import { tenantState } from './observe/tenant-state.ts'
import { type BrokerTenant, type Hearers, protocolObserver } from './observers.ts'
import { AckGate } from './protocol/ack-gate.ts'
import { DecisionDesk, type Explained } from './protocol/decision-desk.ts'
import type { ClientDoubt } from './protocol/explain.ts'
import { Farewell } from './protocol/farewell.ts'
import { Peer } from './protocol/peer.ts'
import { PluginServices } from './protocol/plugin-services.ts'
import type { Node } from './protocol/ports.ts'
import { CONDUCT } from './protocol/verbs.ts'
import { SysTree } from './sys-tree.ts'
import { Instruments } from './instruments.ts'
import { AdminDesk } from './admin-desk.ts'
import { ShadowKv } from './shadow-kv.ts'
import { LiveTenants } from './live-tenants.ts'
import { engineOf, startEngine } from './open-engine.ts'
import { powerPorts } from './power-ports.ts'
import type { ConfigReading, ReloadReport } from './reload.ts'
import type { Session } from './session/session.ts'
import { Sources } from './sources/open-sources.ts'
import { Connection } from './transport/connection.ts'
import { Places } from './transport/doorway.ts'
import { type Accept, type Listener, openListener } from './transport/listener.ts'
import type { Wire, WireEvents } from './transport/wire.ts'

export type { AuditFilter, AuditRecord } from './engine/engine.ts'
export type { Explained } from './protocol/decision-desk.ts'
export type { ClientDoubt } from './protocol/explain.ts'
export type { ReloadReport } from './reload.ts'

/**
 * The composition root: builds the rooms, plugs them into each other, and knows the order in which they start
 * and stop. The only file that knows them all.
 */
export class BrokerCore {
  readonly config: BrokerConfig
  readonly listeners: Listener[] = []
  readonly tenants: Map<string, BrokerTenant> = new Map()
  readonly #log: BrokerLog
  readonly #tails = new LogTails()
  readonly #listenerLog: ListenerLog
  readonly #startup = new Startup({
    interrupt: async () => this.#host?.stop(),
    end: () => this.#end(),
  })
  readonly #live: LiveTenants
  readonly #admin: AdminDesk
  readonly #tickEnd = new TickEnd()
  readonly #turns = new WorkTurns(WORK_TURNS)
  readonly #timers = new TimerWheel()
  readonly #peers = new Set<Peer>()
  readonly #stopping = Promise.withResolvers<void>()
  /** Resolves when it is told to stop, by whomever. */
  readonly stopping: Promise<void> = this.#stopping.promise
  readonly #farewell: Farewell
  #drainSec: number | undefined
  readonly #engine: Engine<Message, Session>
  readonly #acks = new AckGate()
  #host: PluginHost | null = null
  #node: Node | null = null
  #services: PluginServices | null = null
  readonly #metrics = new PluginMetrics()
  readonly #health = new Health(VERSION)
  readonly #journal = new DecisionJournal(randomBytes(2).toString('hex'))
  readonly #desk: DecisionDesk<Decision>
  readonly #hearers: Hearers
  readonly #failed = Promise.withResolvers<BulkheadError>()
  #control: ControlSocket | null = null
  readonly #sys: SysTree
  readonly instruments: Instruments
  readonly #sources: Sources

  constructor(reading: ConfigReading, log: Log) {
    const { config } = reading.loaded
    this.config = config
    this.#farewell = new Farewell(this.#peers, config.serverReference)
    this.#engine = engineOf(config)
    this.#sys = new SysTree({ realms: this.tenants, retained: this.#engine.retained })
    this.#log = tailedLog(brokerLog(log, config.log), this.#tails)
    this.#listenerLog = listenerLog(log, config.log)
    this.#sources = new Sources(config.tenants, this.#log)
    this.#desk = new DecisionDesk(this.#journal, config.mqtt, DECISIONS_LISTED)
    const cells = (): CellCounts => this.#host?.cells ?? { running: 0, spare: 0, most: 0 }
    const measured = { broker: this, engine: this.#engine, newcomers: this.#sys.newcomers, cells }
    this.instruments = new Instruments(measured, config.metrics)
    const tallies: Hearers['tallies'] = (tenant) => this.instruments.tallies(tenant)
    this.#hearers = { log: this.#log, sys: this.#sys, desk: this.#desk, tenants: this.tenants, tallies }
    this.#live = new LiveTenants(
      { config, log: this.#log, hearers: this.#hearers, turns: this.#turns },
      this.tenants,
    )
    this.#admin = this.#adminDesk(reading)
  }

  /** The process of each tenant's cell, as far as one runs. */
  get cells(): ReadonlyMap<string, number> {
    const all = Array.from(this.tenants, ([name, { hooks }]) => [name, hooks.pid ?? 0] as const)
    return new Map(all.filter((cell) => cell[1] !== 0))
  }

  /** Resolves when it cannot go on. */
  get failed(): Promise<BulkheadError> {
    return this.#failed.promise
  }

  get status(): BrokerStatus {
    return this.#health.status(this.tenants.values(), this.#engine.stuck)
  }

  /** Plain data for the start lines. */
  get state(): Omit<BrokerState, 'warnings'> {
    return {
      listeners: this.listeners,
      tenants: [...this.tenants.values()].map((tenant) => tenantState(tenant, this.#live.unusable)),
      data: this.config.data,
      durability: this.config.durability,
      metrics: this.instruments.url,
      admin: this.#admin.url,
      firstToken: this.#admin.takeFirstToken(),
      jail: this.jail,
    }
  }

  audit(filter: AuditFilter): Promise<readonly AuditRecord[]> {
    return this.#engine.audit.read(filter)
  }

  /** The refusal with this id, as long as it is kept. */
  decision(id: string): Decision | undefined {
    return this.#journal.find(id)
  }

  /** Undefined: there is no such tenant, or nothing is known of the client. */
  async explain(tenant: string, asked: ClientDoubt): Promise<Explained<Decision> | 'invalid' | undefined> {
    const realm = this.tenants.get(tenant)
    return realm === undefined ? undefined : this.#desk.explain(realm, asked)
  }

  /** The newest refusals of a tenant, the newest first; undefined: there is no such tenant. */
  refusals(tenant: string, about: DecisionFilter): readonly Decision[] | undefined {
    return this.tenants.has(tenant) ? this.#journal.of(tenant, about).slice(0, DECISIONS_LISTED) : undefined
  }

  get pluginMetrics(): readonly PluginMetric[] {
    return this.#metrics.read()
  }

  get hosted(): HostedTenants {
    return this.#admin.tenants
  }

  get adminUrl(): string | undefined {
    return this.#admin.url
  }

  get jail(): readonly JailLayer[] {
    return this.#host?.jail ?? []
  }

  /**
   * @param controlSocket its path; undefined: there is none.
   * @throws BulkheadError when the config is wrong, the jail cannot be built or a listener cannot be bound,
   * and when it is stopped meanwhile.
   */
  start(controlSocket?: string): Promise<void> {
    return this.#startup.start(() => this.#start(controlSocket))
  }

  /** Readiness first, then listeners, clients, cells. It cuts a start short and, with 0, a drain. */
  stop(drainSec?: number): Promise<void> {
    this.#drainSec ??= drainSec ?? this.config.drainSec
    if (drainSec === 0) this.#farewell.hurry()
    this.#stopping.resolve()
    return this.#startup.stop()
  }

  async #start(controlSocket: string | undefined): Promise<void> {
    await this.instruments.open()
    const { sandbox } = this.config
    const host = await createPluginHost({
      observer: this.#hostObserver(),
      // a plugin that is loaded before there are connections finds nothing yet
      ports: {
        ...powerPorts((tenant) => this.#services?.of(tenant)),
        kv: new ShadowKv(this.#engine.kv),
        ...this.#sources.ports,
        metric: (tenant, ...reported) => {
          if (!isShadow(tenant)) this.#metrics.report(tenant, ...reported)
        },
      },
      ...sandbox,
      idleStopMs: sandbox.idleStopSec * 1000,
      tickEnd: this.#tickEnd,
    })
    this.#host = host
    this.#live.begin(host)
    this.#startup.goOn()
    // all plugins are looked at before any is opened: a mistake in the last stops the start as well
    const prepared = await mapInTurn(this.config.tenants, PREPARED_AT_ONCE, (tenant) =>
      preparePlugins(host, tenant.plugins, tenant.limits),
    )
    this.#startup.goOn()
    this.config.tenants.forEach((tenant, place) => {
      const plugins = prepared[place] as PreparedPlugins
      this.#live.add(tenant, plugins)
      this.#log.deprecatedForm(DEPRECATED, modernForm(this.config, tenant, plugins.prepared))
    })
    this.#node = this.#newNode(host)
    this.#services = new PluginServices(this.#node, (tenant) => this.tenants.get(tenant))
    const route: EnginePorts<Message, Session>['route'] = (...routed) => this.#route(...routed)
    const settled = (upTo: Ticket): void => this.#acks.settled(upTo)
    const troubled = (why: string | null): void => {
      this.#health.storeTroubled(why)
      this.#log.storeTroubled(why)
    }
    const lost = (why: string): void => this.#lost(why)
    const tenants: EnginePorts<Message, Session>['tenants'] = (documents) => this.#admin.restore(documents)
    const left: BrokerLog['tenantLeft'] = (found) => {
      this.#live.leave(found.tenant)
      this.#log.tenantLeft(found)
    }
    await startEngine(
      this.#engine,
      { route, settled, troubled, lost, tenants, left },
      this.#node,
      this.tenants,
    )
    await this.#admin.goOn()
    this.#startup.goOn()
    this.#tellAll('onBrokerPreStart')
    const allPlaces = new Places(this.config.mqtt.globalMaxConnections)
    for (const listener of this.config.listeners) {
      const settings = { ...listener, allPlaces, maximumPacketSize: listener.mqtt.maximumPacketSize }
      const accept: Accept = (attach, name) => this.#accept(attach, name)
      this.listeners.push(await openListener(settings, accept, this.#listenerLog))
    }
    this.#sys.start(this.config.sys.intervalSec)
    if (controlSocket !== undefined)
      this.#control = await openControlSocket(controlSocket, this.#controlPorts(), () => this.#admin.app())
    await this.#admin.listen()
    this.instruments.start()
    this.#health.serves(true)
    this.#tellAll('onBrokerPostStart')
  }

  /** Reads the config anew, and certificates in any case. @throws BulkheadError and nothing has changed. */
  reload(isDry: boolean, input?: ConfigInput): Promise<ReloadReport> {
    if (!isDry) this.renewCertificates()
    return this.#admin.reload(isDry, input)
  }

  /** Reads the certificates of all listeners anew; connections that are there stay. */
  renewCertificates(): void {
    for (const listener of this.listeners) listener.renew()
  }

  async #end(): Promise<void> {
    this.#health.drains()
    this.#live.stop()
    const managed = this.#admin.stop()
    this.#tellAll('onBrokerPreShutdown')
    await Promise.all(this.listeners.map((listener) => listener.close()))
    await this.#farewell.run((this.#drainSec ?? 0) * 1000)
    this.#health.serves(false)
    this.#sys.stop()
    await emptied(this.#peers, STOP_GRACE_MS)
    for (const peer of this.#peers) peer.connection.destroy()
    this.#tellAll('onBrokerPostShutdown')
    // all tenants' plugins, and it alone knows what to do where their cells do not end
    await this.#host?.stop()
    await this.instruments.stop()
    await managed
    await Promise.all([this.#sources.stop(), this.#engine.stop()])
    await Promise.all([this.instruments.close(), this.#control?.close()])
  }

  #lost(why: string): void {
    this.#health.storeLost(why)
    this.#log.storeLost(why)
    this.#failed.resolve(new BulkheadError('ERR_STORE', `the store is lost: ${why}`))
  }

  #newNode(host: PluginHost): Node {
    return {
      ...entranceOf(this.config, this.#live),
      engine: this.#engine,
      topicNames: new TopicNames(TOPIC_NAMES_KEPT),
      timers: this.#timers,
      acks: this.#acks,
      observer: protocolObserver(this.#hearers),
      subject: (json, source) => host.subject(json, source),
    }
  }

  #accept(attach: (events: WireEvents) => Wire, listener: string): void {
    const node = this.#node
    if (node === null) return
    this.#sys.newcomers.sockets += 1
    this.instruments.accepted.count(listener)
    const { maximumPacketSize } = node.mqttOn(listener)
    const connection = new Connection(this.#tickEnd, this.#turns, maximumPacketSize, this.#sys.newcomers)
    const peer = new Peer(node, connection, listener, CONDUCT)
    this.#peers.add(peer)
    connection.open(attach(connection), peer, () => {
      this.#peers.delete(peer)
      this.instruments.closed.count(listener)
    })
  }

  #route(tenant: string, message: Message, routed: (() => void) | null): boolean {
    const realm = this.tenants.get(tenant)
    if (realm !== undefined) return deliver(realm, message, routed)
    routed?.()
    return false
  }

  #tellAll(
    hook: 'onBrokerPreStart' | 'onBrokerPostStart' | 'onBrokerPreShutdown' | 'onBrokerPostShutdown',
  ): void {
    for (const { hooks } of this.tenants.values())
      hooks.tell(hook, null, () => JSON.stringify({ version: VERSION }))
  }

  #hostObserver(): HostObserver {
    return hostObserver({
      log: this.#log,
      audit: this.#engine.audit,
      tenant: (name) => this.tenants.get(name),
      limits: (tenant) => this.#live.config(tenant)?.limits,
      tallies: (tenant) => this.instruments.tallies(tenant),
    })
  }

  #adminDesk(reading: ConfigReading): AdminDesk {
    return new AdminDesk({
      config: this.config,
      reading,
      sources: this.#sources,
      live: this.#live,
      engine: this.#engine,
      log: this.#log,
      tails: this.#tails,
      services: (tenant) => this.#services?.of(tenant),
      broker: this,
    })
  }

  #controlPorts(): ControlPorts {
    return {
      status: () => this.status,
      explain: ({ tenant, ...asked }) => this.explain(tenant, asked),
      decision: (id) => this.decision(id),
      refusals: ({ tenant, ...about }) => this.refusals(tenant, about),
      stop: (drainSec) => {
        void this.stop(drainSec)
        return this.#drainSec ?? 0
      },
    }
  }
}
