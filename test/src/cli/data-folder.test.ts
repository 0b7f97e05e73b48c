import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { Command } from 'commander'
import { dataFolderOf, dataOptions } from '../../../src/cli/data-folder.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const LISTENERS = 'listeners: { mqtt: { type: tcp, bind: "127.0.0.1:0" } }\n'

test('a folder is named by itself, from where the command runs', async () => {
  assert.equal(await dataFolderOf({ data: 'kept' }), path.resolve('kept'))
})

test('or by the config, from where the config lies', async () => {
  const folder = tempFolder({ 'b.yaml': `${LISTENERS}data: kept\n` })
  assert.equal(await dataFolderOf({ config: path.join(folder, 'b.yaml') }), path.join(folder, 'kept'))
})

test('a config that keeps nothing is told so, and one of the two is needed', async () => {
  const folder = tempFolder({ 'b.yaml': LISTENERS })
  const config = path.join(folder, 'b.yaml')
  await assert.rejects(dataFolderOf({ config }), { code: 'ERR_USAGE', message: /no data: nothing is kept/ })
  await assert.rejects(dataFolderOf({}), { code: 'ERR_USAGE', message: 'give --data DIR, or --config FILE' })
})

test('both at once are refused', async () => {
  const command = new Command('x').exitOverride().configureOutput({ writeErr: () => undefined })
  for (const option of dataOptions()) command.addOption(option)
  const words = ['--data', 'kept', '-c', 'b.yaml']
  await assert.rejects(command.parseAsync(words, { from: 'user' }), { code: 'commander.conflictingOption' })
})
