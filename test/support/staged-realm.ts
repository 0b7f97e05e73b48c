import type { PluginHandle } from '../../sandbox/index.ts'
import type { WorkTurns } from '../../src/base/work-turns.ts'
import type { Message } from '../../src/codec/message.ts'
import { TENANT_QUOTAS } from '../../src/config/quotas.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { DropReason } from '../../src/delivery/ports.ts'
import type { TenantHooks } from '../../src/hooks/tenant-hooks.ts'
import type { Voice } from '../../src/hooks/voice.ts'
import type { RealmPeer } from '../../src/protocol/ports.ts'
import type { Client } from '../../src/session/client.ts'
import type { Quotas } from '../../src/session/quotas.ts'
import { Session } from '../../src/session/session.ts'
import { Tenant } from '../../src/tenants/tenant.ts'
import { hooksOf } from './fake-plugins.ts'
import { StagedNode } from './protocol-stage.ts'
import { BOUNDS, testClient, TestLink } from './sessions.ts'
import { endlessTurns } from './turns.ts'

export interface RealmOptions {
  readonly plugins?: readonly PluginHandle[]
  readonly topicDefault?: 'allow' | 'deny'
  readonly quotas?: Partial<Quotas>
  readonly publishesPerSec?: number
  readonly turns?: WorkTurns
}

/** A tenant on a node without a broker around it: what is published is routed to the tenant's sessions. */
export class StagedRealm {
  readonly node = new StagedNode()
  readonly tenant: Tenant<TenantHooks, RealmPeer, Message, Client, DropReason, Voice>
  /** What the engine gave back to be routed. */
  readonly routed: Message[] = []
  /** Who refused a delivery, one each. */
  readonly refusedDeliveries: (readonly Voice[])[] = []
  /** Quotas that were met, by name. */
  readonly met: string[] = []

  private constructor({ plugins = [], topicDefault = 'allow', quotas = {}, ...more }: RealmOptions) {
    const settings = {
      name: 'acme',
      anonymous: true,
      quotas: { ...TENANT_QUOTAS, ...quotas },
      delivery: { upgradeOutgoingQos: false, queueQos0Messages: false },
      limits: { publishesPerSec: more.publishesPerSec ?? 1000 },
    }
    this.tenant = new Tenant(
      settings,
      hooksOf(plugins, { topicDefault }),
      {
        dropped: () => undefined,
        notReceived: (_session, _message, voices) => void this.refusedDeliveries.push(voices),
        quotaExceeded: (limit) => void this.met.push(limit),
        clientLimitMet: (limit, value) => void this.met.push(`${limit} ${value}`),
      },
      more.turns ?? endlessTurns(),
    )
  }

  static async open(options: RealmOptions = {}): Promise<StagedRealm> {
    const staged = new StagedRealm(options)
    await staged.node.engine.start({
      route: (_tenant, message, routed) => {
        staged.routed.push(message)
        return deliver(staged.tenant, message, routed)
      },
      settled: () => undefined,
      tenants: () => undefined,
      restored: () => null,
      retained: () => undefined,
      troubled: () => undefined,
      lost: () => undefined,
    })
    return staged
  }

  /** A session of the tenant's; with `link` null it is away. */
  session(clientId: string, link: TestLink | null = new TestLink(), facts: Partial<Client> = {}): Session {
    const session = new Session(testClient(clientId, facts), 1, BOUNDS)
    session.link = link
    this.tenant.sessions.set(clientId, session)
    return session
  }
}
