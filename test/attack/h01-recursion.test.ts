import assert from 'node:assert/strict'
import { attack } from '../support/attack-run.ts'

attack({
  title: 'H01 crash · deep recursion: it throws, the cell survives',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const deeper = () => deeper()
    return deeper()
  },
})`,
  endings: ['threw'],
  afterwards: (stage) => {
    assert.deepEqual(stage.toldOf('cellEnded'), [])
  },
})
