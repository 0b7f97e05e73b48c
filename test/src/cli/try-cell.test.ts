import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { createPluginHost } from '../../../sandbox/index.ts'
import { TickEnd } from '../../../src/base/tick-end.ts'
import { SILENT } from '../../../src/cli/prepare-plugins.ts'
import { tryCell } from '../../../src/cli/try-cell.ts'
import { tempFolder } from '../../support/temp-folder.ts'

test('a cell is started, asked twice, and measured; no file is left', async (t) => {
  const host = await createPluginHost({
    observer: SILENT,
    jail: 'auto',
    startWaitMs: 10_000,
    tickEnd: new TickEnd(),
  })
  const folder = tempFolder({})
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  })
  try {
    const { firstVerdictMs, verdictMs, residentMiB } = await tryCell(host)
    assert.ok(firstVerdictMs > verdictMs, 'the first question starts the cell')
    if (process.platform === 'linux') assert.ok((residentMiB ?? 0) > 10)
    assert.deepEqual(readdirSync(folder), [])
  } finally {
    await host.stop()
  }
})
