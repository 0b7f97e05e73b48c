import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'

describe('the demo', () => {
  it('listens on loopback, admits anybody, and has the examples decide', async () => {
    const { config, warnings } = await loadConfig(undefined, {})
    assert.equal(config.demo, true)
    assert.ok(config.listeners.every(({ host }) => host === '127.0.0.1'))
    const [tenant] = config.tenants
    assert.equal(tenant?.anonymous, true)
    assert.deepEqual(
      tenant.plugins.map(({ name, path }) => [name, existsSync(path)]),
      [
        ['topic-acl', true],
        ['event-logger', true],
      ],
    )
    assert.deepEqual(warnings, [])
  })

  it('keeps its data where it was started, or where it is told to', async () => {
    const here = await loadConfig(undefined, {})
    assert.deepEqual([here.config.data, here.config.durability], [path.resolve('bulkhead-data'), 'fsync'])
    const there = await loadConfig(undefined, { BULKHEAD_DATA: './kept' })
    assert.equal(there.config.data, path.resolve('kept'))
  })

  it('does not leave loopback: anybody is admitted there and nowhere else', async () => {
    await assert.rejects(loadConfig(undefined, { BULKHEAD_LISTENERS__MQTT__BIND: '0.0.0.0:1883' }), {
      message: /^BULKHEAD_LISTENERS__MQTT__BIND listeners\.mqtt\.bind: the demo admits anybody/,
    })
  })
})
