import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import {
  amqttPlugin,
  builtIn,
  bundledPlugin,
  nameOfFolder,
  PACKAGE_DIR,
} from '../../../src/config/bundled-plugins.ts'

const ACL = path.join(PACKAGE_DIR, 'plugins-examples', 'topic-acl')

describe('a bundled plugin', () => {
  it("is found by its name, and by aMQTT's", () => {
    assert.equal(bundledPlugin('bulkhead/topic-acl'), ACL)
    assert.equal(bundledPlugin('amqtt.plugins.topic_checking.TopicAccessControlListPlugin'), ACL)
    assert.equal(nameOfFolder(ACL, '/etc'), 'bulkhead/topic-acl')
  })

  it('is none that is not there, or lies elsewhere', () => {
    for (const use of ['bulkhead/none', 'bulkhead/../src', 'bulkhead/', 'topic-acl', 'toString'])
      assert.equal(bundledPlugin(use), undefined, use)
    assert.equal(amqttPlugin('amqtt.plugins.none'), undefined)
  })

  it('is none where the broker does by itself what aMQTT has a plugin for', () => {
    assert.match(builtIn('amqtt.plugins.sys.broker.BrokerSysPlugin') ?? '', /sys\.intervalSec/)
    assert.equal(builtIn('constructor'), undefined)
  })
})

it('any other folder is named by its path from the config, where it lies below', () => {
  assert.equal(nameOfFolder('/etc/b/plugins/gate', '/etc/b'), './plugins/gate')
  assert.equal(nameOfFolder('/etc/gate', '/etc/b'), '../gate')
})
