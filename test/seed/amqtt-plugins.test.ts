import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { suite, test } from 'node:test'
import { amqttPlugin, builtIn, PACKAGE_DIR } from '../../src/config/bundled-plugins.ts'
import { DEFAULT_NAMESPACE, readNamespace } from '../../src/config/plugin-namespace.ts'

const FOLDER = path.join(PACKAGE_DIR, 'plugins-examples')
const HTTP = ['host', 'port', 'request_method', 'params_mode', 'response_mode', 'with_tls', 'user_agent']
const LDAP = ['server', 'base_dn', 'user_attribute', 'bind_dn', 'bind_password']

/** Every plugin that comes with aMQTT at commit 175202e, with the options of its `Config`. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'amqtt.plugins.authentication.AnonymousAuthPlugin': ['allow_anonymous'],
  'amqtt.plugins.authentication.FileAuthPlugin': ['password_file'],
  'amqtt.plugins.topic_checking.TopicTabooPlugin': [],
  'amqtt.plugins.topic_checking.TopicAccessControlListPlugin': [
    'acl',
    'publish_acl',
    'subscribe_acl',
    'receive_acl',
  ],
  'amqtt.plugins.logging_amqtt.EventLoggerPlugin': [],
  'amqtt.plugins.logging_amqtt.PacketLoggerPlugin': [],
  'amqtt.plugins.sys.broker.BrokerSysPlugin': ['sys_interval'],
  'amqtt.plugins.persistence.SQLitePlugin': ['file'],
  'amqtt.contrib.persistence.SessionDBPlugin': ['connection', 'file', 'clear_on_shutdown'],
  'amqtt.contrib.http.UserAuthHttpPlugin': [...HTTP, 'superuser_uri', 'timeout', 'user_uri'],
  'amqtt.contrib.http.TopicAuthHttpPlugin': [...HTTP, 'superuser_uri', 'timeout', 'topic_uri'],
  'amqtt.contrib.jwt.UserAuthJwtPlugin': ['secret_key', 'user_claim', 'algorithm'],
  'amqtt.contrib.jwt.TopicAuthJwtPlugin': [
    'secret_key',
    'publish_claim',
    'subscribe_claim',
    'receive_claim',
    'algorithm',
  ],
  'amqtt.contrib.cert.UserAuthCertPlugin': ['uri_domain'],
  'amqtt.contrib.shadows.ShadowPlugin': ['connection'],
  'amqtt.contrib.shadows.ShadowTopicAuthPlugin': ['superusers'],
  'amqtt.contrib.auth_db.UserAuthDBPlugin': ['connection', 'sync_schema', 'hash_schemes'],
  'amqtt.contrib.auth_db.TopicAuthDBPlugin': ['connection', 'sync_schema'],
  'amqtt.contrib.ldap.UserAuthLdapPlugin': LDAP,
  'amqtt.contrib.ldap.TopicAuthLdapPlugin': [
    ...LDAP,
    'publish_attribute',
    'subscribe_attribute',
    'receive_attribute',
  ],
  'amqtt.contrib.django.plugins.DjangoAuthPlugin': ['token_model', 'service_user_id', 'service_token'],
  'amqtt.contrib.django.plugins.UserTopicACLPlugin': [],
}

/** The entry points of aMQTT's own package, whose names the older form of a config has. */
const ALIASES: Readonly<Record<string, string>> = {
  auth_anonymous: 'amqtt.plugins.authentication.AnonymousAuthPlugin',
  auth_file: 'amqtt.plugins.authentication.FileAuthPlugin',
  topic_taboo: 'amqtt.plugins.topic_checking.TopicTabooPlugin',
  topic_acl: 'amqtt.plugins.topic_checking.TopicAccessControlListPlugin',
  event_logger_plugin: 'amqtt.plugins.logging_amqtt.EventLoggerPlugin',
  packet_logger_plugin: 'amqtt.plugins.logging_amqtt.PacketLoggerPlugin',
  broker_sys: 'amqtt.plugins.sys.broker.BrokerSysPlugin',
}

/** The cells of each row of the README's table. */
const ROWS = readFileSync(path.join(FOLDER, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `amqtt.'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

function rowOf(className: string): readonly string[] {
  const rows = ROWS.filter(([, names]) => names?.includes(`\`${className}\``))
  assert.equal(rows.length, 1, className)
  return rows[0] ?? []
}

suite("the table of aMQTT's plugins", () => {
  test('has every one of them with every option, and nothing that is not aMQTT’s', () => {
    for (const [className, options] of Object.entries(OPTIONS)) {
      const [, , , cell = ''] = rowOf(className)
      for (const option of options) assert.ok(cell.includes(`\`${option}\``), `${className}: ${option}`)
    }
    const named = ROWS.flatMap(([, names = '']) => names.match(/amqtt\.[\w.]+/g) ?? [])
    assert.deepEqual(named.sort(), Object.keys(OPTIONS).sort())
  })

  test('has their aliases, and each leads to the same plugin as the class', () => {
    const namespace = readNamespace(DEFAULT_NAMESPACE, PACKAGE_DIR, assert.fail)
    for (const [alias, className] of Object.entries(ALIASES)) {
      assert.ok(rowOf(className)[1]?.includes(`\`${alias}\``), alias)
      const folder = amqttPlugin(className)
      const found = namespace.get(alias)?.path
      assert.equal(found, folder === undefined ? undefined : path.join(FOLDER, folder))
    }
  })

  test('links the folder that a config gets by the class, or says what the broker does by itself', () => {
    for (const className of Object.keys(OPTIONS)) {
      const [, , here = ''] = rowOf(className)
      const folder = amqttPlugin(className)
      if (folder !== undefined) {
        assert.equal(here, `[${folder}](${folder})`)
        assert.ok(existsSync(path.join(FOLDER, folder, 'plugin.ts')), folder)
      } else if (className.includes('django')) assert.equal(here, 'none')
      else assert.ok(here.startsWith('the broker') && builtIn(className) !== undefined, className)
    }
  })
})
