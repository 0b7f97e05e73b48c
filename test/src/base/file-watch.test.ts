import assert from 'node:assert/strict'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileWatch } from '../../../src/base/file-watch.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const EVERY_MS = 5

/** A watch over two files, and a wait for the next change that it tells. */
function watched(...files: readonly string[]): { next(): Promise<void>; told(): number } {
  let count = 0
  let heard = 0
  const watch = new FileWatch(files, EVERY_MS, () => {
    count += 1
  })
  after(() => watch.close())
  return {
    told: () => count,
    next: async () => {
      while (count === heard) await sleep(EVERY_MS)
      heard = count
    },
  }
}

test('a file that is written, replaced or taken away has changed; others have not', async () => {
  const folder = tempFolder({ a: 'one', b: 'one' })
  const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')]
  const watch = watched(a, b)
  // the first looks find out how the files are
  await sleep(4 * EVERY_MS)
  assert.equal(watch.told(), 0)
  writeFileSync(a, 'two!')
  await watch.next()
  writeFileSync(path.join(folder, 'new'), 'two!')
  renameSync(path.join(folder, 'new'), b)
  await watch.next()
  rmSync(a)
  await watch.next()
  assert.equal(watch.told(), 3)
})
