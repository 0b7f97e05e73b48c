import { existsSync } from 'node:fs'
import path from 'node:path'

/** The package that this is: where its own package.json and the bundled plugins are. */
export const PACKAGE_DIR: string = path.resolve(import.meta.dirname, '../..')

const BUNDLED_DIR = path.join(PACKAGE_DIR, 'plugins-examples')
/** In front of a bundled plugin's folder: `bulkhead/topic-acl`. */
const PREFIX = 'bulkhead/'
const FOLDER = /^[a-z][a-z0-9-]*$/

/**
 * The plugins that come with aMQTT, by the names that its configs have, and the bundled plugins that do the
 * same.
 */
export const AMQTT_CLASSES: Readonly<Record<string, string>> = {
  'amqtt.plugins.logging_amqtt.EventLoggerPlugin': 'event-logger',
  'amqtt.plugins.logging_amqtt.PacketLoggerPlugin': 'packet-logger',
  'amqtt.plugins.authentication.AnonymousAuthPlugin': 'auth-anonymous',
  'amqtt.plugins.authentication.FileAuthPlugin': 'auth-file',
  'amqtt.plugins.topic_checking.TopicTabooPlugin': 'topic-taboo',
  'amqtt.plugins.topic_checking.TopicAccessControlListPlugin': 'topic-acl',
  'amqtt.contrib.http.UserAuthHttpPlugin': 'auth-http',
  'amqtt.contrib.http.TopicAuthHttpPlugin': 'acl-http',
  'amqtt.contrib.jwt.UserAuthJwtPlugin': 'auth-jwt',
  'amqtt.contrib.jwt.TopicAuthJwtPlugin': 'acl-jwt',
  'amqtt.contrib.cert.UserAuthCertPlugin': 'auth-cert',
  'amqtt.contrib.cert.CertificateAuthPlugin': 'auth-cert',
  'amqtt.contrib.shadows.ShadowPlugin': 'device-shadow',
  'amqtt.contrib.shadows.ShadowTopicAuthPlugin': 'shadow-acl',
  'amqtt.contrib.auth_db.UserAuthDBPlugin': 'auth-database',
  'amqtt.contrib.auth_db.TopicAuthDBPlugin': 'acl-database',
  'amqtt.contrib.ldap.UserAuthLdapPlugin': 'auth-ldap',
  'amqtt.contrib.ldap.TopicAuthLdapPlugin': 'acl-ldap',
}

/** What comes with aMQTT as a plugin and is the broker's own here, with what to write for it. */
const BUILT_IN: Readonly<Record<string, string>> = {
  'amqtt.plugins.sys.broker.BrokerSysPlugin': 'the broker publishes $SYS by itself, every `sys.intervalSec`',
  'amqtt.contrib.persistence.SessionDBPlugin': 'the broker keeps sessions by itself, with `data:`',
  'amqtt.plugins.persistence.SQLitePlugin': 'the broker keeps sessions by itself, with `data:`',
}

/** Options of bundled plugins that are paths of files, by the plugin's folder. */
const FILE_OPTIONS: Readonly<Record<string, readonly string[]>> = { 'auth-file': ['password_file'] }

/** The options of the plugin in `folder` whose values are paths of files: none where it is not bundled. */
export function bundledFileOptions(folder: string): readonly string[] {
  return path.dirname(folder) === BUNDLED_DIR ? (FILE_OPTIONS[path.basename(folder)] ?? []) : []
}

/** Why no plugin needs to stand for a class of aMQTT's; undefined: one does. */
export function builtIn(className: string): string | undefined {
  return Object.hasOwn(BUILT_IN, className) ? BUILT_IN[className] : undefined
}

/** The folder of the bundled plugin that `bulkhead/NAME`, or the name of a class of aMQTT's, means. */
export function bundledPlugin(use: string): string | undefined {
  const folder = use.startsWith(PREFIX) ? use.slice(PREFIX.length) : amqttPlugin(use)
  if (folder === undefined || !FOLDER.test(folder)) return undefined
  const found = path.join(BUNDLED_DIR, folder)
  return existsSync(found) ? found : undefined
}

/** The bundled plugin that stands for a class of aMQTT's. */
export function amqttPlugin(className: string): string | undefined {
  return Object.hasOwn(AMQTT_CLASSES, className) ? AMQTT_CLASSES[className] : undefined
}

/** How a config names the plugin in a folder: `bulkhead/NAME` where it is bundled, else by its path. */
export function nameOfFolder(folder: string, baseDir: string): string {
  if (path.dirname(folder) === BUNDLED_DIR) return `${PREFIX}${path.basename(folder)}`
  const relative = path.relative(baseDir, folder)
  return relative.startsWith('..') ? relative : `./${relative}`
}
