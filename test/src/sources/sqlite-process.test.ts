import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { ROOT } from '../../tidy/house.ts'
import { tempFolder } from '../../support/temp-folder.ts'

test('it says that it has opened its file, answers, and ends with who asks', async (t) => {
  const file = join(tempFolder({}), 'a.db')
  new DatabaseSync(file).close()
  const child = fork(join(ROOT, 'src/sources/sqlite-process.ts'), [file, '100', '1000'], {
    serialization: 'advanced',
  })
  t.after(() => child.kill('SIGKILL'))
  assert.deepEqual(await once(child, 'message'), [{ ready: true }, undefined])
  child.send({ sql: 'SELECT :n + 1 AS m', values: { n: 1 }, maxRows: 1, mostBytes: 100 })
  assert.deepEqual(await once(child, 'message'), [{ rows: [{ m: 2 }] }, undefined])
  child.disconnect()
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
