import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

suite('event-logger', () => {
  let plugin: LoadedPlugin
  before(async () => {
    plugin = await loadPlugin(import.meta.dirname)
  })
  after(() => plugin.close())

  test('its name and version stand in plugin.yaml', () => {
    assert.deepEqual([plugin.name, plugin.version], ['event-logger', '1.0.0'])
  })

  test('every event that can be told makes one line', async () => {
    const lines: string[] = []
    for (const hook of plugin.hooks) {
      assert.ok(hook.startsWith('on'))
      const { outcome, logs } = await plugin[hook]()
      assert.equal(outcome, 'ok', hook)
      assert.equal(logs.length, 1, hook)
      lines.push(logs[0]?.text ?? '')
    }
    assert.equal(new Set(lines).size, plugin.hooks.size)
  })

  test('a line names the client and what it did', async () => {
    const { logs } = await plugin.onBrokerMessageReceived({
      client: { clientId: 'c7' },
      message: { topic: 'home/x', qos: 1 },
    })
    assert.deepEqual(logs, [
      {
        level: 'debug',
        text: 'message received',
        fields: { clientId: 'c7', topic: 'home/x', qos: 1, retain: false },
      },
    ])
  })

  test('who comes and goes is worth more than what it does meanwhile', async () => {
    for (const hook of plugin.hooks) {
      const [line] = (await plugin[hook]()).logs
      const isComing = /^onBrokerClient(Dis)?[Cc]onnected$/.test(hook)
      assert.equal(line?.level === 'info', isComing, hook)
    }
  })

  test('what goes wrong is a warning', async () => {
    const { logs } = await plugin.onBrokerAccessDenied({ action: 'publish', topic: 'a', reasonCode: 0x87 })
    assert.equal(logs[0]?.level, 'warn')
  })
})
