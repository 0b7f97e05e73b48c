import type { HostObserver, SandboxLimits } from '../sandbox/index.ts'
import { tenantBehind } from './base/shadow-name.ts'
import type { Tallies } from './base/traffic.ts'
import type { AuditStore } from './engine/engine.ts'
import { limitOfFault } from './hooks/fault-limit.ts'
import type { TenantHooks } from './hooks/tenant-hooks.ts'
import type { BrokerLog } from './observe/broker-log.ts'
import type { RealmPeer } from './protocol/ports.ts'

/** A tenant whose plugins the host runs. */
export interface HostedTenant {
  readonly hooks: Pick<TenantHooks, 'tell'>
  readonly peers: Iterable<Pick<RealmPeer, 'realmRelieved'>>
}

/** Who hears of what the plugin host meets. */
export interface HostHearers {
  readonly log: Pick<
    BrokerLog,
    'pluginLog' | 'powerBroke' | 'pluginState' | 'cellEnded' | 'pluginFaulted' | 'audit' | 'quotaExceeded'
  >
  readonly audit: Pick<AuditStore, 'append'>
  readonly tenant: (name: string) => HostedTenant | undefined
  readonly limits: (tenant: string) => SandboxLimits | undefined
  readonly tallies: (tenant: string) => Tallies
}

/** Tells of plugins and their cells: the operator by log and audit, tenants by their plugins. */
export function hostObserver({ log, audit, tenant: find, limits, tallies }: HostHearers): HostObserver {
  return {
    // what is tried is logged under its own name, and is its tenant's in the audit
    pluginLog: (...line) => log.pluginLog(...line),
    powerBroke: (...failure) => log.powerBroke(...failure),
    pluginState: (...change) => log.pluginState(...change),
    cellStarted: (tenant) => tallies(tenant).cells.count('started'),
    cellEnded: (tenant, pid, reason) => {
      log.cellEnded(tenant, pid, reason)
      if (reason !== 'stopped') tallies(tenant).cells.count('failed')
    },
    pluginFaulted: (tenant, plugin, hook, outcome, detail) => {
      log.pluginFaulted(tenant, plugin, hook, outcome, detail)
      // a plugin that faults on this news would be told of it for ever
      if (hook === 'onPluginFaulted') return
      const bounds = limits(tenant)
      const met = bounds && limitOfFault(outcome, bounds)
      const text = JSON.stringify({ plugin, hook, outcome, ...met })
      find(tenant)?.hooks.tell('onPluginFaulted', null, () => text)
    },
    relieved: (tenant) => {
      for (const peer of find(tenant)?.peers ?? []) peer.realmRelieved()
    },
    audit: (told) => {
      const record = { ...told, tenant: tenantBehind(told.tenant) }
      audit.append(record)
      log.audit(record)
    },
    tellersDropped: (tenant, plugin, count) =>
      log.quotaExceeded(tenant, `tellers queued for ${plugin}, dropped`, count, undefined),
  }
}
