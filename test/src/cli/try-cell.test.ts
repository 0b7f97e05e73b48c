import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { createPluginHost } from '../../../sandbox/index.ts'
import { TickEnd } from '../../../src/base/tick-end.ts'
import { SILENT } from '../../../src/cli/prepare-plugins.ts'
import { tryCell } from '../../../src/cli/try-cell.ts'

test('a cell is started, asked twice, and measured; no file is left', async () => {
  const host = await createPluginHost({
    observer: SILENT,
    jail: 'auto',
    startWaitMs: 10_000,
    tickEnd: new TickEnd(),
  })
  const own = (): readonly string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith('bulkhead-doctor-'))
  const before = own()
  try {
    const { firstVerdictMs, verdictMs, residentMiB } = await tryCell(host)
    assert.ok(firstVerdictMs > verdictMs, 'the first question starts the cell')
    if (process.platform === 'linux') assert.ok((residentMiB ?? 0) > 10)
    assert.deepEqual(
      own().filter((name) => !before.includes(name)),
      [],
    )
  } finally {
    await host.stop()
  }
})
