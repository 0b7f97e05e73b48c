import type { Tallies } from './base/traffic.ts'
import { ReasonCode } from './codec/reason-code.ts'
import type { Message } from './codec/message.ts'
import { limitOfDrop } from './delivery/drop-limit.ts'
import type { DropReason } from './delivery/ports.ts'
import type { TenantHooks } from './hooks/tenant-hooks.ts'
import type { Voice } from './hooks/voice.ts'
import type { BrokerLog } from './observe/broker-log.ts'
import type { Decision } from './observe/decision-journal.ts'
import type { DecisionDesk } from './protocol/decision-desk.ts'
import type { Peer } from './protocol/peer.ts'
import type { ProtocolObserver } from './protocol/ports.ts'
import type { Client } from './session/client.ts'
import type { Quotas } from './session/quotas.ts'
import type { SysTree } from './sys-tree.ts'
import type { Tenant, TenantObserver } from './tenants/tenant.ts'

export type BrokerTenant = Tenant<TenantHooks, Peer, Message, Client, DropReason, Voice>

/** Who hears of what happens: the operator by log, $SYS and explain, tenants by their plugins. */
export interface Hearers {
  readonly log: Pick<BrokerLog, 'refused' | 'quotaExceeded' | 'deliveryRefused'>
  readonly sys: Pick<SysTree, 'came' | 'left' | 'dropped'>
  readonly desk: Pick<DecisionDesk<Decision>, 'refused' | 'notReceived'>
  readonly tenants: ReadonlyMap<string, { readonly hooks: HooksTold; readonly quotas: Quotas }>
  /** Where it is counted; undefined: of whoever has come to no tenant. */
  readonly tallies: (tenant: string | undefined) => Tallies
}

type HooksTold = Pick<TenantHooks, 'hears' | 'tell' | 'tellMessage'>

/** Tells of what happens on connections. */
export function protocolObserver({ log, sys, desk, tenants, tallies }: Hearers): ProtocolObserver {
  return {
    connected: (_client, realm) => sys.came(realm),
    disconnected: (_client, realm) => sys.left(realm),
    refused: (what) => {
      tallies(what.realm).refused.count(what.action)
      log.refused({ ...what, client: what.clientId, decision: desk.refused(what) })
      const hooks = what.realm === undefined ? undefined : tenants.get(what.realm)?.hooks
      if (hooks?.hears('onBrokerAccessDenied') !== true || what.action === 'protocol') return
      const { action, topic, reasonCode, reason } = what
      const text = JSON.stringify({ action, topic, reasonCode, reason })
      hooks.tell('onBrokerAccessDenied', what.client, () => text, what.cause)
    },
  }
}

/** Tells of what happens in a tenant: what is lost, what is refused, which quota was met. */
export function tenantObserver(
  { log, sys, desk, tenants, tallies }: Hearers,
  name: string,
): TenantObserver<Message, Client, DropReason, Voice> {
  // plugins that did not build are mended later: these are the hooks of now
  const hooks = (): HooksTold | undefined => tenants.get(name)?.hooks
  const met = (limit: string, value: number, client: Client | null): void => {
    tallies(name).quotasMet.count(limit)
    log.quotaExceeded(name, limit, value, client?.clientId)
    hooks()?.tell('onBrokerQuotaExceeded', client, () => JSON.stringify({ limit, value }))
  }
  return {
    dropped: (session, message, reason) => {
      if (reason !== 'denied') {
        sys.dropped(name)
        tallies(name).dropped.count(reason)
        const why = JSON.stringify({ reason, ...limitOfDrop(reason, session, message) })
        hooks()?.tellMessage('onBrokerMessageDropped', session.client, message, `,${why.slice(1, -1)}`)
        return
      }
      // refused, not lost
      tallies(name).refused.count('receive')
      const denied = { action: 'receive', topic: message.topic, reasonCode: ReasonCode.notAuthorized }
      hooks()?.tell('onBrokerAccessDenied', session.client, () => JSON.stringify(denied), message)
    },
    notReceived: (...refused) => log.deliveryRefused(desk.notReceived(name, ...refused)),
    quotaExceeded: (limit, client) => met(limit, tenants.get(name)?.quotas[limit] ?? 0, client),
    clientLimitMet: met,
  }
}
