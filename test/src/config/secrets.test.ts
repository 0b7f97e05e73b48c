import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isFree, isPluginSecret, isSecretFileKey } from '../../../src/config/secrets.ts'

it('options and settings are free, also those of a tenant, and nothing else is', () => {
  const free = [
    '/plugins/.~1gate/users',
    '/settings/a',
    '/tenants/acme/plugins/gate/config/x',
    '/tenants/a/settings/b',
    '/databases/users/password',
    '/tenants/a/directories/staff/bindPassword',
    '/auth/password-file',
    '/topic-check/acl',
    '/listeners/mqtts/tls/keyPassphrase',
    '/listeners/mqtts/tls/sni/a.example/keyPassphraseFile',
  ]
  const ours = [
    '/plugins/.~1token',
    '/plugins',
    '/mqtt/receiveMaximum',
    '/tenants/acme/match/listener',
    '/listeners/a/tls/keyFile',
  ]
  assert.deepEqual(free.filter(isFree), free)
  assert.deepEqual(ours.filter(isFree), [])
})

it('a file may stand for a secret only where keys are free', () => {
  assert.equal(isSecretFileKey('/plugins/gate/apiTokenFile'), true)
  assert.equal(isSecretFileKey('/listeners/a/tls/keyPassphraseFile'), true)
  assert.equal(isSecretFileKey('/listeners/a/tls/keyFile'), false)
  assert.equal(isSecretFileKey('/mqtt/apiTokenFile'), false)
})

it("whatever lies in a plugin's secrets is one", () => {
  assert.equal(isPluginSecret('/plugins/gate/secrets/key'), true)
  assert.equal(isPluginSecret('/tenants/acme/plugins/.~1gate/secrets/key'), true)
  assert.equal(isPluginSecret('/plugins/0/gate/secrets/key'), true)
  for (const other of [
    '/plugins/gate/secrets',
    '/plugins/gate/config/secrets/key',
    '/settings/secrets/key',
  ]) {
    assert.equal(isPluginSecret(other), false)
  }
})
