import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { createBroker } from '../../../../src/index.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const YAML = `
listeners: { mqtt: { type: tcp, bind: "127.0.0.1:0" } }
controlSocket: ./control.sock
anonymous: true
`
const folder = tempFolder({ 'broker.yaml': YAML })
const file = path.join(folder, 'broker.yaml')

test('reload says what it changes, what holds after a restart, and changes nothing where there is a mistake', async () => {
  const broker = await createBroker(file, { log: 'silent', env: {} })
  after(() => broker.stop())
  await broker.start()
  const reload = (...words: string[]) => bulkhead(['reload', '-c', file, ...words])
  writeFileSync(file, `${YAML}topicDefault: deny\ndrainSec: 7\n`)
  const dry = await reload('--dry-run')
  assert.match(dry.stdout, /^changed topicDefault: "allow" → "deny"/m)
  assert.match(dry.stdout, /nothing was changed: this was a dry run/)
  const done = await reload()
  assert.deepEqual([done.code, done.stderr], [0, ''])
  assert.match(done.stdout, /holds after a restart: drainSec[^]*the config was read anew/)
  writeFileSync(file, `${YAML}topicDefalt: allow\n`)
  const wrong = await reload()
  assert.deepEqual(
    [wrong.code, /broker\.yaml:5:1.*did you mean "topicDefault"/.test(wrong.stderr)],
    [1, true],
  )
})
