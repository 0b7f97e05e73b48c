import assert from 'node:assert/strict'
import { attack } from '../support/attack-run.ts'

attack({
  title: 'C04 cpu · uninterruptible built-in: the deadline answers, SIGKILL ends it, the tenant is back',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => (Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) ? allow() : deny()),
})`,
  endings: ['deadline'],
  afterwards: (stage) => {
    const ended = stage.toldOf('cellEnded').filter(([tenant]) => tenant === 'attacker')
    assert.ok(ended.length > 0, 'its cell was killed')
    assert.match(String(ended[0]?.[2]), /does not come to an end/)
  },
})
