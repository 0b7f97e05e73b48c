import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'

const load = (metrics: Readonly<Record<string, unknown>>) => loadConfig({ anonymous: true, metrics }, {})

test('without an address metrics are served nowhere; series have a bound', async () => {
  const { config } = await load({})
  assert.deepEqual(config.metrics, { bind: undefined, series: 500 })
})

test('an address is HOST:PORT', async () => {
  const { config, warnings } = await load({ bind: '[::1]:9464', series: 7 })
  assert.deepEqual([config.metrics, warnings], [{ bind: { host: '::1', port: 9464 }, series: 7 }, []])
  await assert.rejects(load({ bind: 'unix:/run/x.sock' }), /metrics\.bind: metrics are served at HOST:PORT/)
  await assert.rejects(load({ bind: '9464' }), { code: 'ERR_CONFIG_INVALID' })
})

test('who opens them to others is told so', async () => {
  const { warnings } = await load({ bind: '0.0.0.0:9464' })
  assert.match(warnings.join(), /without credentials at 0\.0\.0\.0:9464/)
})
