import { DELIVERY_LINES_PER_SEC } from '../base/limits.ts'
import type { Log, LogLine } from './log.ts'
import { ALL_LEVELS, type LogComponent, type LogLevels, logOf } from './log-levels.ts'
import { printable, printableFields } from './printable.ts'
import { Sample } from './sample.ts'

/**
 * What happens to a tenant's clients, as the log tells it. Texts of clients and plugins are made printable
 * here.
 */
export interface BrokerLog {
  pluginLog(
    tenant: string,
    plugin: string,
    level: 'debug' | 'info' | 'warn' | 'error',
    text: string,
    fields: Readonly<Record<string, unknown>> | undefined,
  ): void
  pluginFaulted(tenant: string, plugin: string, hook: string, outcome: string, detail: string): void
  powerBroke(tenant: string, plugin: string, power: string, detail: string): void
  pluginState(tenant: string, plugin: string, state: string, detail: string): void
  cellEnded(tenant: string, pid: number, reason: string): void
  refused(what: {
    readonly realm: string | undefined
    readonly client: string
    readonly remoteAddress: string
    readonly action: string
    readonly reasonCode: number
    readonly detail: string
    /** Under which it is found by `bulkhead explain`. */
    readonly decision: string | undefined
  }): void
  /** A few a second are written, with the count of the others: a message may have many recipients. */
  deliveryRefused(what: {
    readonly tenant: string
    readonly client: string
    readonly topic: string
    readonly decision: string
  }): void
  /** The disk does not take what is to be safe; null: it does again. */
  storeTroubled(why: string | null): void
  storeLost(why: string): void
  /** What the store keeps of a tenant that is not in the config. */
  tenantLeft(found: {
    readonly tenant: string
    readonly sessions: number
    readonly messages: number
    readonly bytes: number
  }): void
  quotaExceeded(tenant: string, limit: string, value: number, client: string | undefined): void
  pluginUnusable(tenant: string, plugin: string, text: string): void
  /** The admin API has failed by itself. */
  adminFailed(error: unknown): void
  /** Another version of a plugin serves. */
  deployed(tenant: string, plugin: string, version: string, digest: string, why: string): void
  /** A database or a directory, in its own words, which are for the operator alone. */
  sourceFailed(source: string, detail: string): void
  sourceRecovered(source: string): void
  /** @param modernForm what to write instead, as YAML; undefined: nothing is to be said. */
  deprecatedForm(text: string, modernForm: string | undefined): void
  audit(record: {
    readonly at: number
    readonly tenant: string
    readonly plugin: string
    readonly digest: string
    readonly event: string
    readonly where: string
    readonly outcome: string
    readonly detail: string
    readonly count: number
  }): void
}

/** @param levels which lines are written. */
export function brokerLog(log: Log, levels: LogLevels = ALL_LEVELS): BrokerLog {
  const about = (component: LogComponent): Pick<Log, 'write'> => logOf(log, component, levels)
  return {
    ...pluginLines(about('plugin'), about('cell')),
    ...managementLines(about('plugin')),
    ...clientLines(about('client')),
    ...storeLines(about('store')),
    ...sourceLines(about('source')),
  }
}

/** What is done while the broker runs. */
function managementLines(plugins: Pick<Log, 'write'>): Pick<BrokerLog, 'deployed' | 'adminFailed'> {
  return {
    deployed: (tenant, plugin, version, digest, why) =>
      plugins.write('info', tenant, () => ({
        fields: { tenant, plugin, version, digest, why: printable(why) },
        text: `plugin ${plugin} ${version} serves`,
      })),
    adminFailed: (error) =>
      plugins.write('error', '', () => ({
        fields: { error: printable(error instanceof Error ? (error.stack ?? '') : String(error), 4096) },
        text: 'the admin API failed',
      })),
  }
}

function pluginLines(
  plugins: Pick<Log, 'write'>,
  cells: Pick<Log, 'write'>,
): Pick<
  BrokerLog,
  | 'pluginLog'
  | 'pluginFaulted'
  | 'powerBroke'
  | 'pluginState'
  | 'pluginUnusable'
  | 'deprecatedForm'
  | 'cellEnded'
  | 'audit'
> {
  return {
    pluginLog: (tenant, plugin, level, text, fields) =>
      plugins.write(level === 'debug' ? 'info' : level, tenant, () => ({
        // `source` says whose words these are; a plugin's own fields can never take its place
        fields: { source: 'plugin', tenant, plugin, ...(fields && { fields: printableFields(fields) }) },
        text: printable(text),
      })),
    pluginFaulted: (tenant, plugin, hook, outcome, detail) =>
      plugins.write('warn', tenant, () => ({
        fields: { tenant, plugin, hook, outcome, detail: printable(detail) },
        text: `plugin ${plugin}: ${hook} ended in ${outcome}`,
      })),
    powerBroke: (tenant, plugin, power, detail) =>
      plugins.write('error', tenant, () => ({
        fields: { tenant, plugin, power, detail: printable(detail) },
        text: `ctx.${power} failed, which is the broker's fault and not the plugin's`,
      })),
    pluginState: (tenant, plugin, state, detail) =>
      plugins.write('info', tenant, () => ({
        fields: { tenant, plugin, state, ...(detail !== '' && { detail: printable(detail) }) },
        text: `plugin ${plugin} is ${state}`,
      })),
    pluginUnusable: (tenant, plugin, text) =>
      plugins.write('error', tenant, () => ({
        fields: { tenant, plugin },
        text: `tenant ${tenant} is closed: ${printable(text, 4096)}`,
      })),
    deprecatedForm: (text, modernForm) => {
      if (modernForm === undefined) return
      plugins.write('warn', '', () => ({ fields: { modernForm }, text: `${text}: see \`modernForm\`` }))
    },
    cellEnded: (tenant, pid, reason) =>
      // one that was told to stop is no news to worry about
      cells.write(reason === 'stopped' ? 'info' : 'warn', tenant, () => {
        // the reason may quote what the cell wrote to its stderr before it died
        const shown = printable(reason)
        return { fields: { tenant, pid, reason: shown }, text: `cell of ${tenant} ended: ${shown}` }
      }),
    audit: (record) =>
      plugins.write('audit', record.tenant, () => ({
        fields: { ...record, detail: printable(record.detail) },
        text: `audit: ${record.event} ${record.where}`,
      })),
  }
}

function clientLines(
  clients: Pick<Log, 'write'>,
): Pick<BrokerLog, 'refused' | 'deliveryRefused' | 'quotaExceeded'> {
  return {
    refused: ({ realm, client, remoteAddress, action, reasonCode, detail, decision }) =>
      clients.write('warn', realm ?? '', () => ({
        fields: {
          tenant: realm,
          client: printable(client),
          remoteAddress,
          reasonCode,
          detail: printable(detail),
          ...(decision !== undefined && { decision }),
        },
        text: `${action} refused: 0x${reasonCode.toString(16).padStart(2, '0')}`,
      })),
    deliveryRefused: deliveryLines(clients),
    quotaExceeded: (tenant, limit, value, client) =>
      clients.write('warn', tenant, () => ({
        fields: { tenant, limit, value, client: client && printable(client) },
        text: `quota met: ${limit} is ${value}`,
      })),
  }
}

function storeLines(
  stores: Pick<Log, 'write'>,
): Pick<BrokerLog, 'storeLost' | 'storeTroubled' | 'tenantLeft'> {
  return {
    storeLost: (why) =>
      stores.write('error', '', () => ({
        fields: { why: printable(why) },
        text: 'the store is lost: nothing that was to be safe is acknowledged any more; the broker is to end',
      })),
    storeTroubled: (why) => stores.write(why === null ? 'info' : 'error', '', () => storeLine(why)),
    tenantLeft: (found) => stores.write('warn', found.tenant, () => leftLine(found)),
  }
}

function sourceLines(sources: Pick<Log, 'write'>): Pick<BrokerLog, 'sourceFailed' | 'sourceRecovered'> {
  return {
    sourceFailed: (source, detail) =>
      sources.write('warn', '', () => ({ fields: { source }, text: `${source}: ${printable(detail)}` })),
    sourceRecovered: (source) =>
      sources.write('info', '', () => ({ fields: { source }, text: `${source} answers again` })),
  }
}

/** The name is as an earlier config, or another broker, had it. */
function leftLine({ tenant, ...counted }: Parameters<BrokerLog['tenantLeft']>[0]): LogLine {
  return {
    fields: { tenant: printable(tenant), ...counted },
    text: 'the store keeps the sessions of a tenant that is not in the config',
  }
}

function storeLine(why: string | null): LogLine {
  return why === null
    ? { fields: {}, text: 'the store is written again' }
    : {
        fields: { why: printable(why) },
        text: 'the store cannot be written: what is to be safe is not acknowledged until it can',
      }
}

function deliveryLines(log: Pick<Log, 'write'>): BrokerLog['deliveryRefused'] {
  const sampleOf = new Map<string, Sample>()
  return ({ tenant, client, topic, decision }) => {
    const sample = sampleOf.get(tenant) ?? new Sample(DELIVERY_LINES_PER_SEC)
    sampleOf.set(tenant, sample)
    const unsaid = sample.take()
    if (unsaid === null) return
    const more = unsaid > 0 && { unsaid }
    log.write('info', tenant, () => ({
      fields: { tenant, client: printable(client), topic: printable(topic), decision, ...more },
      text: 'delivery refused',
    }))
  }
}
