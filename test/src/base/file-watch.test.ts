import assert from 'node:assert/strict'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileWatch } from '../../../src/base/file-watch.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const EVERY_MS = 5

/** A watch over some files, and a wait for the next change that it tells. */
class Watched {
  told = 0
  #heard = 0

  constructor(...files: readonly string[]) {
    const watch = new FileWatch(files, EVERY_MS, () => {
      this.told += 1
    })
    after(() => watch.close())
  }

  async next(): Promise<void> {
    while (this.told === this.#heard) await sleep(EVERY_MS)
    this.#heard = this.told
  }
}

test('a file that is written, replaced or taken away has changed; others have not', async () => {
  const folder = tempFolder({ a: 'one', b: 'one' })
  const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')]
  const watch = new Watched(a, b)
  // the first looks find out how the files are
  await sleep(4 * EVERY_MS)
  assert.equal(watch.told, 0)
  writeFileSync(a, 'two!')
  await watch.next()
  writeFileSync(path.join(folder, 'new'), 'two!')
  renameSync(path.join(folder, 'new'), b)
  await watch.next()
  rmSync(a)
  await watch.next()
  assert.equal(watch.told, 3)
})
