import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadBody, maxAnswerBytes, probeBody } from '../../../../sandbox/host/plugins/load-settings.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/limits.ts'
import type { Manifest } from '../../../../sandbox/manifest/manifest.ts'
import { HOOKS } from '../../../../sandbox/sdk/hooks.ts'
import type { LoadSettings } from '../../../../sandbox/wire/messages.ts'
import { ISOLATE_LIMITS } from '../../../support/isolate-limits.ts'

const MANIFEST: Manifest = {
  name: 'gate',
  version: '1.2.3',
  api: 1,
  for: 'broker',
  hooks: ['authorizePublish', 'onClose'],
  capabilities: { log: true, payload: true },
}

function settingsOf(body: string): LoadSettings {
  return JSON.parse(body.slice(0, body.indexOf('\n'))) as LoadSettings
}

test('a load is one line of settings and then the code, whatever is in either', () => {
  const plugin = {
    name: 'gate',
    bundle: null,
    config: { text: 'a\nb' },
    secrets: {},
    capabilities: { log: true } as const,
  }
  const body = loadBody({ tenant: 'acme' }, plugin, MANIFEST, 'one\ntwo', DEFAULT_LIMITS, 700)
  const settings = settingsOf(body)
  assert.equal(body.slice(body.indexOf('\n') + 1), 'one\ntwo')
  assert.deepEqual(settings.config, { text: 'a\nb' })
  assert.deepEqual(
    settings.hooks.map((number) => HOOKS[number]),
    MANIFEST.hooks,
  )
  assert.deepEqual([settings.tenant, settings.name, settings.version], ['acme', 'gate', '1.2.3'])
  assert.deepEqual(settings.limits, ISOLATE_LIMITS)
  assert.equal(settings.unmeasuredMs, 700)
})

test('what is granted counts, not what the manifest asks for', () => {
  const plugin = {
    name: 'gate',
    bundle: null,
    config: {},
    secrets: {},
    capabilities: { payload: true } as const,
  }
  const settings = settingsOf(loadBody({ tenant: 'acme' }, plugin, MANIFEST, '', DEFAULT_LIMITS, 0))
  assert.deepEqual([settings.log, settings.bytes], [false, true])
  assert.match(settings.absent['log'] ?? '', /capabilities: \{ log: … \}/)
  assert.match(settings.absent['kv'] ?? '', /ctx\.kv is not granted/)
  assert.match(settings.absent['brokerConfig'] ?? '', /is not granted/)
  assert.equal(settings.absent['payload'], undefined)
})

test('a probe has no config, no hooks and no powers', () => {
  const settings = settingsOf(probeBody('gate', '', DEFAULT_LIMITS))
  assert.deepEqual([settings.config, settings.hooks, settings.log], [{}, [], false])
})

test('the longest answer that a guest can write fits its bound', () => {
  const worst =
    '\\u001f'.length *
    (ISOLATE_LIMITS.answersChars + ISOLATE_LIMITS.verdictChars + ISOLATE_LIMITS.logCharsPerFrame)
  assert.ok(maxAnswerBytes(DEFAULT_LIMITS) > worst)
})

test('a plugin that is made for clients hears of no tenant, wherever it runs', () => {
  const plugin = { name: 'log', bundle: null, config: {}, secrets: {}, capabilities: {} }
  const manifest: Manifest = { ...MANIFEST, for: 'client', hooks: ['onMqttPacketSent'] }
  assert.equal(
    settingsOf(loadBody({ tenant: 'acme' }, plugin, manifest, '', DEFAULT_LIMITS, 0)).tenant,
    undefined,
  )
})
