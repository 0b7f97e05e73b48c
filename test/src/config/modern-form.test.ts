import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HookName, PreparedPlugin } from '../../../sandbox/index.ts'
import type { PluginConfig, TenantConfig } from '../../../src/config/broker-config.ts'
import { modernForm } from '../../../src/config/modern-form.ts'

const legacy = {
  sharesOptions: true,
  options: { 'allow-anonymous': true, acl: {} },
  path: '/p/gate',
} as const

function form(
  ...plugins: readonly (readonly [Partial<PluginConfig>, readonly HookName[], object?])[]
): unknown {
  const tenant = {
    topicDefault: 'deny',
    plugins: plugins.map(([plugin]) => plugin),
  } as unknown as TenantConfig
  const prepared = plugins.map(
    ([, hooks, more]) =>
      ({
        bundle: { manifest: { hooks, config: { properties: { allow_anonymous: {} } } } },
        capabilities: {},
        ...more,
      }) as unknown as PreparedPlugin,
  )
  return modernForm({ baseDir: '/p' }, tenant, prepared)
}

describe("the modern form of a config of aMQTT's older one", () => {
  it('names who is asked, with its own options, and what nobody decides', () => {
    const gate = { ...legacy, name: 'gate', exportName: 'Gate', unasked: [] }
    assert.equal(
      form([gate, ['authenticate'], { capabilities: { password: true } }]),
      'topicDefault: deny\nallow:\n  password: true\nplugins:\n  gate:\n    use: gate.Gate\n' +
        '    config:\n      allow_anonymous: true\n',
    )
  })

  it('leaves out who is asked nothing, and says so where it is told of events', () => {
    const mute = { ...legacy, unasked: ['authenticate'] } as const
    const text = String(
      form(
        [{ ...mute, name: 'both' }, ['authenticate', 'onClose']],
        [{ ...mute, name: 'mute' }, ['authenticate']],
        [{ ...mute, name: 'log' }, ['onClose']],
      ),
    )
    assert.match(text, /plugins:\n {2}log:/)
    assert.match(text, /# both: told of events, not asked/)
    assert.doesNotMatch(text, /mute/)
  })

  it('is nothing where the config is modern, or a plugin did not build', () => {
    assert.equal(form([{ name: 'x', path: '/p/x', options: {} }, []]), undefined)
    assert.equal(form([{ ...legacy, name: 'x' }, [], { bundle: null }]), undefined)
  })
})
