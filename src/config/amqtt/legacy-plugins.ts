import { isPlainMap } from '../config-tree.ts'
import { childPointer, type Pointer } from '../pointer.ts'
import { foldKeys } from './listeners.ts'
import type { Notes } from './notes.ts'
import type { AmqttPlugin } from './plugins.ts'

type Plain = Readonly<Record<string, unknown>>

interface Aliased {
  readonly className: string
  /** Where it is asked, and which options of that section are its own. */
  readonly section?: 'auth' | 'topic_check'
  readonly options: readonly string[]
}

/** The entry points that aMQTT's own package declares. */
const ALIASES: Readonly<Record<string, Aliased>> = {
  event_logger_plugin: { className: 'amqtt.plugins.logging_amqtt.EventLoggerPlugin', options: [] },
  packet_logger_plugin: { className: 'amqtt.plugins.logging_amqtt.PacketLoggerPlugin', options: [] },
  auth_anonymous: {
    className: 'amqtt.plugins.authentication.AnonymousAuthPlugin',
    section: 'auth',
    options: ['allow_anonymous'],
  },
  auth_file: {
    className: 'amqtt.plugins.authentication.FileAuthPlugin',
    section: 'auth',
    options: ['password_file'],
  },
  topic_taboo: {
    className: 'amqtt.plugins.topic_checking.TopicTabooPlugin',
    section: 'topic_check',
    options: [],
  },
  topic_acl: {
    className: 'amqtt.plugins.topic_checking.TopicAccessControlListPlugin',
    section: 'topic_check',
    options: ['acl', 'publish_acl', 'subscribe_acl', 'receive_acl'],
  },
}

/** What `auth:` and `topic-check:` say, which is the older form. */
export interface LegacyImport {
  readonly plugins: readonly AmqttPlugin[]
  /** Where topics are checked, what no plugin decides is denied. */
  readonly topicDefault: 'deny' | undefined
}

/** Translates the older form to the plugins that are asked, and to those that only hear of events. */
export function legacyImport(root: Plain, notes: Notes): LegacyImport {
  const auth = foldKeys(root['auth'])
  const topicsKey = root['topic-check'] === undefined ? 'topic_check' : 'topic-check'
  const topics = foldKeys(root[topicsKey])
  const isChecked = isPlainMap(root[topicsKey]) && topics['enabled'] !== false && topics['enable'] !== false
  const asked = [
    ...(isPlainMap(root['auth']) ? sectionPlugins('auth', auth, '/auth', notes) : []),
    ...(isChecked ? sectionPlugins('topic_check', topics, `/${topicsKey}`, notes) : []),
  ]
  const heard = ['event_logger_plugin', 'packet_logger_plugin'].flatMap((alias) => {
    const className = ALIASES[alias]?.className
    return className === undefined ? [] : [{ className, options: {}, pointer: '' }]
  })
  if (isChecked && !asked.some(({ pointer }) => pointer.startsWith(`/${topicsKey}`))) {
    notes.at(`/${topicsKey}`, 'names nobody to ask about topics: all are denied here, and allowed there')
  }
  notes.add(
    'the older form loads every plugin of the namespace, asked or not; ' +
      'here are those that are asked, and the loggers',
  )
  return { plugins: [...heard, ...asked], topicDefault: isChecked ? 'deny' : undefined }
}

function sectionPlugins(
  section: 'auth' | 'topic_check',
  written: Plain,
  at: Pointer,
  notes: Notes,
): AmqttPlugin[] {
  const { plugins: list } = written
  if (list === undefined) notes.at(at, 'names no plugins: all of the bundled ones that can be asked are')
  const all = Object.keys(ALIASES).filter((alias) => ALIASES[alias]?.section === section)
  const aliases = Array.isArray(list) ? list.map(String) : all
  const claimed = new Set(['plugins', 'enable', 'enabled'])
  const imported = aliases.map((alias, index): AmqttPlugin => {
    const pointer = childPointer(`${at}/plugins`, index)
    const known = Object.hasOwn(ALIASES, alias) ? ALIASES[alias] : undefined
    if (known === undefined) return { className: `./plugins/${alias}`, options: {}, pointer }
    const own = Object.entries(written).filter(([key]) => known.options.includes(key))
    for (const [key] of own) claimed.add(key)
    return { className: known.className, options: Object.fromEntries(own), pointer }
  })
  for (const key of Object.keys(written).filter((name) => !claimed.has(name))) {
    notes.at(at, `NOT TRANSLATED: ${key}: none of the bundled plugins named here takes it`)
  }
  return imported
}
