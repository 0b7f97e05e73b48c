import { didYouMean } from '../../base/nearest.ts'
import { AMQTT_CLASSES, amqttPlugin, builtIn } from '../bundled-plugins.ts'
import { isPlainMap } from '../config-tree.ts'
import { childPointer, type Pointer } from '../pointer.ts'
import { foldKeys } from './listeners.ts'
import type { Notes } from './notes.ts'

type Plain = Readonly<Record<string, unknown>>

/** What the plugins of aMQTT's come to here. */
export interface ImportedPlugins {
  readonly plugins: Record<string, Plain | null>
  readonly allow: Record<string, unknown>
  /** Of the plugin that publishes $SYS there. */
  readonly sysIntervalSec: number | undefined
}

/** A plugin as aMQTT's config has it. */
export interface AmqttPlugin {
  readonly className: string
  readonly options: unknown
  readonly pointer: Pointer
}

const SYS = 'amqtt.plugins.sys.broker.BrokerSysPlugin'
const SYS_INTERVAL_SEC = 20
/** Bundled plugins that look at the password, or at a token in its place. */
const SEES_PASSWORD: ReadonlySet<string> = new Set([
  'auth-file',
  'auth-http',
  'auth-jwt',
  'acl-jwt',
  'auth-database',
  'auth-ldap',
])
/** Options that are user names with lists of topics, which may be written as a list of maps. */
const ACLS: ReadonlySet<string> = new Set(['acl', 'publish_acl', 'subscribe_acl', 'receive_acl'])

/** What the broker loads there when the config names no plugins at all. */
export const DEFAULT_PLUGINS: readonly AmqttPlugin[] = [
  'amqtt.plugins.logging_amqtt.EventLoggerPlugin',
  'amqtt.plugins.logging_amqtt.PacketLoggerPlugin',
  'amqtt.plugins.authentication.AnonymousAuthPlugin',
  SYS,
].map((className) => ({ className, options: {}, pointer: '/plugins' }))

function fromMap(map: Plain, at: Pointer): AmqttPlugin[] {
  return Object.entries(map).map(([className, options]) => ({
    className,
    options,
    pointer: childPointer(at, className),
  }))
}

/** The plugins of a modern config: a map, or a list of names and of maps. */
export function writtenPlugins(written: unknown, notes: Notes): readonly AmqttPlugin[] {
  if (isPlainMap(written)) return fromMap(written, '/plugins')
  if (!Array.isArray(written)) return []
  return written.flatMap((item: unknown, index): AmqttPlugin[] => {
    const pointer = childPointer('/plugins', index)
    if (typeof item === 'string') return [{ className: item, options: {}, pointer }]
    if (isPlainMap(item)) return fromMap(item, pointer)
    notes.at(pointer, 'NOT TRANSLATED: expected the name of a plugin, or a map with one')
    return []
  })
}

/**
 * Translates plugins. One that has no counterpart keeps its name, so that the broker does not start without
 * it: what it decides must not be left open.
 */
export function importPlugins(written: readonly AmqttPlugin[], notes: Notes): ImportedPlugins {
  const plugins: Record<string, Plain | null> = {}
  const allow: Record<string, unknown> = {}
  let sysIntervalSec: number | undefined
  for (const plugin of written) {
    const { className, pointer } = plugin
    const options = optionsOf(plugin, notes)
    const instead = builtIn(className)
    if (className === SYS) sysIntervalSec = numberIn(options['sys_interval']) ?? SYS_INTERVAL_SEC
    if (instead !== undefined) {
      notes.at(pointer, `is no plugin here: ${instead}`)
      continue
    }
    const folder = amqttPlugin(className)
    if (folder === undefined) noteUnknown(className, pointer, notes)
    if (folder !== undefined && SEES_PASSWORD.has(folder)) allow['password'] = true
    if (folder?.endsWith('-http') === true) allow['fetch'] = withHost(allow['fetch'], options)
    plugins[folder === undefined ? className : `bulkhead/${folder}`] =
      Object.keys(options).length > 0 ? options : null
  }
  return { plugins, allow, sysIntervalSec }
}

/** Options of bundled plugins are called as their classes have them in Python; others stay as they are. */
function optionsOf({ className, options, pointer }: AmqttPlugin, notes: Notes): Plain {
  if (amqttPlugin(className) === undefined && builtIn(className) === undefined) {
    return isPlainMap(options) ? options : {}
  }
  const folded = Object.entries(foldKeys(options)).map(([key, value]) => [
    key,
    ACLS.has(key) ? joined(value, childPointer(pointer, key), notes) : value,
  ])
  return Object.fromEntries(folded) as Plain
}

/** aMQTT's documentation has access lists as lists of maps, its code reads maps. */
function joined(value: unknown, pointer: Pointer, notes: Notes): unknown {
  if (!Array.isArray(value)) return value
  const maps = value.filter(isPlainMap)
  if (maps.length < value.length) notes.at(pointer, 'NOT TRANSLATED: an item that is no map of a user name')
  return Object.assign({}, ...maps) as unknown
}

function noteUnknown(className: string, pointer: Pointer, notes: Notes): void {
  if (className.startsWith('amqtt.')) {
    notes.at(
      pointer,
      `NOT TRANSLATED: no bundled plugin stands for it${didYouMean(className, Object.keys(AMQTT_CLASSES))}`,
    )
    return
  }
  const isPath = className.startsWith('./')
  const folder = isPath ? className : `./${className.split('.').slice(0, -1).join('/')}`
  notes.at(pointer, `is your own: port it to TypeScript, in the folder ${folder}; until then nothing starts`)
}

function withHost(fetch: unknown, { host, port }: Plain): Plain {
  const before: unknown = isPlainMap(fetch) ? fetch['hosts'] : undefined
  const named = typeof host === 'string' ? [typeof port === 'number' ? `${host}:${port}` : host] : []
  return { hosts: [...new Set([...(Array.isArray(before) ? (before as unknown[]) : []), ...named])] }
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
