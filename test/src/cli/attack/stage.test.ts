import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadCorpus, selectAttacks } from '../../../../src/cli/attack/corpus.ts'
import { BYSTANDER, setStage, usernameOf } from '../../../../src/cli/attack/stage.ts'
import { loadConfig } from '../../../../src/config/load-config.ts'

const attacks = selectAttacks(await loadCorpus(), ['C01', 'E03', 'R01', 'B01'])

test('each attack has a tenant of its own, and so has the bystander', async (t) => {
  const stage = await setStage(attacks, { limits: { softMs: 70 } })
  t.after(() => stage.strike())
  const { config } = await loadConfig(stage.config, {})
  const [bystander, ...others] = config.tenants
  assert.equal(bystander?.name, BYSTANDER)
  assert.deepEqual(
    others.map(({ name }) => name),
    ['B01', 'C01', 'E03', 'R01'],
  )
  for (const { name, match, plugins, limits } of config.tenants) {
    assert.ok(usernameOf(name).startsWith(String(match?.usernamePrefix)))
    assert.equal(plugins.length, 1)
    assert.equal(limits.softMs, 70)
  }
  assert.deepEqual(others.at(-1)?.plugins[0]?.options, { limits: { maxQos: 1 } })
  assert.deepEqual(others[0]?.allow.fetch, { hosts: ['allowed.example'] })
  assert.equal(others[1]?.allow.fetch, undefined)
})

test('what is tampered with is a bundle that our bundler would not have made', async (t) => {
  const stage = await setStage(selectAttacks(attacks, ['E03']), {})
  t.after(() => stage.strike())
  const { config } = await loadConfig(stage.config, {})
  const file = String(config.tenants[1]?.plugins[0]?.path)
  assert.match(readFileSync(file, 'utf8'), /await import\(name\)/)
})

test('a stage that was struck leaves nothing on the disk', async () => {
  const stage = await setStage(selectAttacks(attacks, ['C01']), {})
  const { config } = await loadConfig(stage.config, {})
  await stage.strike()
  assert.equal(existsSync(String(config.tenants[0]?.plugins[0]?.path)), false)
})
