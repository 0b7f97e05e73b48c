import assert from 'node:assert/strict'
import { attack } from '../support/attack-run.ts'

attack({
  title: 'F01 flood · log flood: sixteen lines pass, the others are counted',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    for (let line = 0; line < 2000; line += 1) ctx.log.info('x'.repeat(100) + line)
    return deny()
  },
})`,
  endings: ['deny'],
  afterwards: (stage) => {
    const lines = stage.toldOf('pluginLog').map((each) => String(each[3]))
    assert.equal(lines.filter((line) => line.startsWith('x')).length, 2 * 16)
    assert.ok(lines.some((line) => line.includes('dropped')))
  },
})
