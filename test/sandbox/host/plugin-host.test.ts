import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPluginHost } from '../../../sandbox/index.ts'
import { TickEnd } from '../../../src/base/tick-end.ts'
import { PluginStage } from '../../support/plugin-stage.ts'
import { children, eventually, isRunning } from '../../support/processes.ts'
import { recordingObserver } from '../../support/recording-observer.ts'

test('a strict jail that is not whole keeps the host from opening', async () => {
  const { observer } = recordingObserver()
  const options = { observer, jail: 'strict', startWaitMs: 1000, tickEnd: new TickEnd() } as const
  await assert.rejects(createPluginHost(options), { code: 'ERR_JAIL' })
})

test('two tenants have two processes, and stopping the host ends both', async () => {
  const stage = await PluginStage.open()
  const plugin = await stage.prepare(`
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`)
  const [one, other] = await Promise.all([stage.tenant('one', plugin), stage.tenant('other', plugin)])
  assert.notEqual(one.plugins.pid, other.plugins.pid)
  await stage[Symbol.asyncDispose]()
  assert.deepEqual([one.plugins.pid, other.plugins.pid], [undefined, undefined])
  assert.equal(stage.toldOf('cellEnded').length, 2)
})

test('a host stops though what ends its cells hangs', { skip: process.platform !== 'linux' }, async () => {
  const stage = await PluginStage.open()
  const plugin = await stage.prepare(`
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`)
  const tenant = await stage.tenant('one', plugin)
  const cell = tenant.plugins.pid ?? 0
  for (const launcher of children(process.pid)) process.kill(launcher, 'SIGSTOP')
  await stage[Symbol.asyncDispose]()
  assert.deepEqual(children(process.pid), [])
  await eventually(() => !isRunning(cell))
})

test('of a tenant there are two while one takes over from the other; both end with the host', async () => {
  await using stage = await PluginStage.open()
  const plugin = await stage.prepare(`
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`)
  const pids: (number | undefined)[] = []
  for (let n = 0; n < 2; n += 1) pids.push((await stage.tenant('t', plugin)).plugins.pid)
  const [one = 0, other = 0] = pids
  assert.ok(one !== other && isRunning(one) && isRunning(other))
  await stage.host.stop()
  await eventually(() => !isRunning(one) && !isRunning(other))
})

test('a plugin may fetch through a host whose broker names no way out: the public internet is the default', async () => {
  await using stage = await PluginStage.open({ ports: {} })
  const source = `
    import { allow, definePlugin } from 'bulkhead/plugin'
    export default definePlugin({
      capabilities: { fetch: { hosts: ['example.com'] } },
      authorizePublish: () => allow(),
    })`
  const plugin = await stage.prepare(source, {}, { fetch: { hosts: ['example.com'] } })
  const tenant = await stage.tenant('t', plugin)
  assert.equal((await tenant.publish('a')).verdict?.verdict, 'allow')
})
