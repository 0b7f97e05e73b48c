import assert from 'node:assert/strict'
import { attack } from '../support/attack-run.ts'

attack({
  title: 'S02 spoof · extra authority fields: an unknown key spoils the verdict',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'allow', superuser: true, tenant: 't2' }),
})`,
  endings: ['bad-verdict'],
  afterwards: (stage) => {
    assert.match(String(stage.toldOf('pluginFaulted')[0]?.[4]), /"superuser": is unknown/)
  },
})
